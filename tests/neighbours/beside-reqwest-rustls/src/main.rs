//! A client of reqwest has the provider that it has without the crate.

fn main() {
    let _client = reqwest::Client::new();
    shared::call();
}
