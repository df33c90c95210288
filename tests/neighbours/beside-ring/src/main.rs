//! rustls finds the one provider that there is, which is ring.

fn main() {
    let _builder = rustls::ClientConfig::builder();
    shared::call();
}
