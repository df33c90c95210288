//! The same requests with the same seed have the same answers, byte for byte, and so it is after what was
//! remembered went through a document.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use cloudnet_emulator::{Engine, Options, Transitions};
use http::Request;
use serde_json::Value as Json;

use crate::requests::{Maker, ask, control, engine, json_of};

const REQUESTS: usize = 500;

/// Requests that were made while an engine answered them, so that they build on each other.
fn requests(options: Options, seed: u64) -> (Engine, Vec<Request<Bytes>>) {
    let (mut engine, mut maker) = (engine(options), Maker::new(seed));
    let requests = (0..REQUESTS).map(|_| {
        let request = maker.request();
        maker.learn(&json_of(&ask(&mut engine, &request)));
        request
    });
    let requests = requests.collect();
    (engine, requests)
}

fn answers(engine: &mut Engine, requests: &[Request<Bytes>]) -> Vec<(u16, String, Bytes)> {
    let mut answer = |request| {
        let response = ask(engine, request);
        (response.status().as_u16(), format!("{:?}", response.headers()), response.into_body())
    };
    requests.iter().map(&mut answer).collect()
}

fn ways() -> [Transitions; 3] {
    [Transitions::Instant, Transitions::After(Duration::from_secs(7)), Transitions::Polls(2)]
}

#[test]
fn the_same_requests_have_the_same_bytes() {
    for (transitions, seed) in ways().into_iter().zip(1..) {
        let options = || Options { transitions, seed, ..Options::default() };
        let (made, requests) = requests(options(), seed);
        let done: Vec<_> = made.calls().filter(|call| call.is_applied).collect();
        let actions: BTreeSet<_> = done.iter().map(|call| &call.action).collect();
        // It is about something.
        assert!(done.len() > 80 && actions.len() > 25, "{} {}", done.len(), actions.len());
        let (mut one, mut two) = (engine(options()), engine(options()));
        assert!(answers(&mut one, &requests) == answers(&mut two, &requests));
        let states = [made, one, two].map(|mut engine| control(&mut engine, "GET", "state", "").into_body());
        assert!(states[0] == states[1] && states[1] == states[2]);
        let mut other = engine(Options { seed: seed + 100, ..options() });
        let _answered = answers(&mut other, &requests);
        let other = control(&mut other, "GET", "state", "").into_body();
        let shared = ids(&other).intersection(&ids(&states[0])).count();
        // Some are what the requests named.
        assert!(
            ids(&other).len() > 20 && 5 * shared < ids(&other).len(),
            "{shared} of {}",
            ids(&other).len()
        );
    }
}

/// All that was named by chance.
fn ids(state: &Bytes) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(state);
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words =
        words.filter(|word| word.len() == 20 && word.contains(|letter: char| letter.is_ascii_digit()));
    words.map(str::to_owned).collect()
}

#[test]
fn what_went_through_a_document_goes_on_alike() {
    for (transitions, seed) in ways().into_iter().zip(11..) {
        let options = || Options { transitions, seed, ..Options::default() };
        let (_, requests) = requests(options(), seed);
        let (first, rest) = requests.split_at(REQUESTS / 2);
        let (mut one, mut two) = (engine(options()), engine(options()));
        let _answered = answers(&mut one, first);
        let document = control(&mut one, "GET", "state", "").into_body();
        let put = control(&mut two, "PUT", "state", document.clone());
        assert_eq!(put.status(), 200, "{put:?}");
        assert!(control(&mut two, "GET", "state", "").into_body() == document);
        for request in rest {
            let [one, two] = [&mut one, &mut two].map(|engine| plain(json_of(&ask(engine, request))));
            assert_eq!(one, two);
        }
        let last = |engine: &mut Engine| {
            let mut state = json_of(&control(engine, "GET", "state", ""));
            // The IDs of the requests that were answered are counted from the start of each.
            for token in state["tokens"].as_array_mut().into_iter().flatten() {
                *token = plain(token.take());
            }
            state
        };
        assert!(last(&mut one) == last(&mut two));
    }
}

/// Without what is another for each request.
fn plain(mut answer: Json) -> Json {
    for name in ["RequestId", "request_id"] {
        answer.as_object_mut().unwrap().remove(name);
    }
    answer
}
