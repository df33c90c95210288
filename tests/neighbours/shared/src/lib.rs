//! A call of the crate's client through TLS, with whatever provider the program has.

use std::io::{Read, Write};
use std::net::TcpListener;

use cloudnet::{Credentials, Error, ErrorKind, RetryPolicy, vpc};

/// Makes a client as the program has it.
pub fn client(endpoint: &str) -> Result<vpc::Client, Error> {
    let key = Credentials::new("id", "secret");
    let builder = vpc::Client::builder().region("cn-hangzhou").endpoint(endpoint).credentials(key);
    builder.retry(RetryPolicy::none()).build()
}

/// Calls a host that speaks no TLS: the greeting that the provider made is answered in plain text.
pub fn call() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("https://{}", listener.local_addr().expect("an address"));
    let host = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut greeting = [0; 4096];
        let length = stream.read(&mut greeting).expect("a greeting");
        stream.write_all(b"HTTP/1.1 400 plain\r\n\r\n").expect("somebody listens");
        greeting[..length].to_vec()
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let call = client(&endpoint).expect("a client").describe_vpcs().send();
    let error = runtime.block_on(call).expect_err("there is no TLS");
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    assert_eq!(host.join().expect("no panic").first(), Some(&0x16), "a record of a handshake");
}
