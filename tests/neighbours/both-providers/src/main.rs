//! rustls cannot choose between two providers, and panics where it has to. The crate's client has no
//! need of that.

fn main() {
    shared::call();
}
