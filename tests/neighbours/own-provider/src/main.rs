//! Without a provider the client says so, and with the one that the program installs it works.

use cloudnet::ErrorKind;

fn main() {
    let error = shared::client("https://localhost").expect_err("there is no provider");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.message().contains("`aws-lc-rs` or `ring`"), "{error}");
    rustls::crypto::ring::default_provider().install_default().expect("there is none yet");
    shared::call();
}
