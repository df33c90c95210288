//! What holds whatever comes: a function for each kind of input, which panics if it does not. `cargo fuzz` calls
//! them with what it finds, and `tests/fuzz.rs` with the committed corpus and changes of it.

mod decode;
mod emulator;
mod error_body;
mod redaction;
mod spec;
mod spec_edits;

use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use cloudnet::schema::Action;
use cloudnet::{ClientBuilder, Credentials, OfClient, RetryPolicy, ValidationPolicy, dynamic};
use http::{Response, StatusCode};

use crate::scripted::{Scripted, Turn};

pub use decode::decode;
pub use emulator::emulator;
pub use error_body::error_body;
pub use redaction::redaction;
pub use spec::{is_sound, spec};
pub use spec_edits::{edited, service, spec_edits};

/// Panics if an input breaks what is promised.
pub type Target = fn(&[u8]);

/// Every target with its name, which is that of its corpus.
pub const TARGETS: [(&str, Target); 6] = [
    ("decode", decode),
    ("emulator", emulator),
    ("error_body", error_body),
    ("redaction", redaction),
    ("spec", spec),
    ("spec_edits", spec_edits),
];

/// The first line of an input, and what follows it.
fn first_line(input: &[u8]) -> (String, &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n');
    let (line, rest) = end.map_or((input, &[][..]), |end| (&input[..end], &input[end + 1..]));
    (String::from_utf8_lossy(line).into_owned(), rest)
}

/// The action of a name. Any other text is an action too, so that no input is wasted.
fn action(name: &str) -> &'static Action {
    static ACTIONS: OnceLock<Vec<&'static Action>> = OnceLock::new();
    let all = || dynamic::services().flat_map(|service| dynamic::actions(service.name)).collect();
    let actions = ACTIONS.get_or_init(all);
    let named = actions.iter().find(|action| action.name == name);
    named.unwrap_or_else(|| &actions[hash(name) % actions.len()])
}

fn hash(text: impl Hash) -> usize {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    usize::try_from(hasher.finish() >> 1).unwrap_or_default()
}

/// A client that gets one answer, whatever it asks.
fn answered_with<C: OfClient>(
    client: ClientBuilder<C>,
    credentials: Credentials,
    response: Response<Bytes>,
) -> C {
    let client = client
        .region("cn-hangzhou")
        .credentials(credentials)
        .retry(RetryPolicy::none())
        .validation(ValidationPolicy::Off)
        .transport(Scripted::new(move |_, _| Turn::Answer(response.clone())) as Arc<_>);
    client.build().unwrap_or_else(|error| panic!("{error}"))
}

/// The same, of the service that has an action.
fn client_for(action: &Action, credentials: Credentials, response: Response<Bytes>) -> dynamic::Client {
    let client = dynamic::builder(action.service.name).unwrap_or_else(|error| panic!("{error}"));
    answered_with(client, credentials, response)
}

/// An answer of any status that there is.
fn answer(status: u16, body: &[u8]) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response
}

/// Runs what is never really pending.
fn wait_for<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime without I/O can be made");
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}
