//! rustls finds the one provider that there is.

fn main() {
    let _builder = rustls::ClientConfig::builder();
    shared::call();
}
