//! A client of reqwest can be made, although the program gave it no TLS: the crate gives it one, and
//! with it a provider.

fn main() {
    let _client = reqwest::Client::new();
    shared::call();
}
