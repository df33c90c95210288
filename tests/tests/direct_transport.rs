//! What is asked directly never reaches the proxy of the environment.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use cloudnet::transport::{HttpTransport, HttpTransportBuilder, Limits, Transport};
use http::Request;

const TARGET: &str = "CLOUDNET_TEST_TARGET";

#[test]
fn r34_the_proxy_of_the_environment_is_not_asked() {
    let (target, at_target) = server();
    let (proxy, at_proxy) = server();
    // The environment of a process is fixed when it begins, so this test begins another.
    let mut ask = Command::new(std::env::current_exe().unwrap());
    ask.args(["--exact", "asks_directly_and_through_the_proxy"]);
    ask.env(TARGET, format!("http://{target}/"));
    for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        ask.env(name, format!("http://{proxy}"));
    }
    let output = ask.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(at_target.load(Ordering::SeqCst), 1, "the direct request");
    assert_eq!(at_proxy.load(Ordering::SeqCst), 1, "the other one: the environment counts");
}

/// Begun by the test above, in an environment with a proxy; otherwise there is nobody to ask.
#[tokio::test]
async fn asks_directly_and_through_the_proxy() {
    let Ok(target) = std::env::var(TARGET) else { return };
    let patience = Duration::from_secs(30);
    for transport in [HttpTransport::direct(patience).unwrap(), HttpTransport::new(patience).unwrap()] {
        let request = Request::get(&target).body(Bytes::new()).unwrap();
        assert!(transport.send(request, Limits::default()).await.unwrap().status().is_success());
    }
}

#[tokio::test]
async fn a_proxy_that_is_set_carries_all_requests() {
    let (target, at_target) = server();
    let (proxy, at_proxy) = server();
    let ask = async |builder: HttpTransportBuilder| {
        let request = Request::get(format!("http://{target}/")).body(Bytes::new()).unwrap();
        let sent = builder.build().unwrap().send(request, Limits::default()).await;
        assert!(sent.unwrap().status().is_success());
        (at_target.load(Ordering::SeqCst), at_proxy.load(Ordering::SeqCst))
    };
    assert_eq!(ask(HttpTransport::builder().proxy(format!("http://user:hunter2@{proxy}"))).await, (0, 1));
    assert_eq!(ask(HttpTransport::builder().no_proxy()).await, (1, 1));

    let builder = HttpTransport::builder().proxy("http://user:hunter2@[");
    let shown = format!("{builder:?} {:?}", builder.clone().build().unwrap_err());
    assert!(!shown.contains("hunter2"), "{shown}");
}

/// Answers everything with nothing, and counts.
fn server() -> (std::net::SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let read = stream.read(&mut [0; 4096]).unwrap();
            counter.fetch_add(usize::from(read > 0), Ordering::SeqCst);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        }
    });
    (address, count)
}
