//! What each look of a wait gets to see.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use cloudnet::{Error, RawResponse, ResourceState, Waiter, dynamic};

use super::rows::Row;
use super::subject::{Begin, Subject};
use crate::server::{Answer, Parameters, Server};

/// What one look sees.
#[derive(Clone, Debug)]
pub enum Sight {
    /// These pages.
    Pages(Vec<Vec<Row>>),
    /// The first page of these, and from then on these: the listing moved in between.
    Moving(Vec<Vec<Row>>, Vec<Vec<Row>>),
    /// An error.
    Code(u16, String),
}

/// A server, clients of it, and time that only passes between looks.
#[derive(Debug)]
pub struct Stage {
    server: Server,
    /// By service.
    clients: BTreeMap<&'static str, dynamic::Client>,
}

/// What came of a wait.
#[derive(Debug)]
pub struct Looked {
    /// The answer of the call that began it.
    pub response: Option<RawResponse>,
    /// Every state on the way, the last included.
    pub states: Vec<String>,
    /// How it ended.
    pub end: Result<ResourceState, Error>,
    /// How many looks there were.
    pub looks: usize,
    /// Parameters of each request of a poll.
    pub asked: Vec<Parameters>,
    /// When the first look was.
    pub began: Duration,
    /// How long it took.
    pub took: Duration,
}

/// The looks so far. A look is all that is asked at one time.
#[derive(Default)]
struct Looks {
    began: Option<SystemTime>,
    at: Option<SystemTime>,
    count: usize,
    /// Requests of the latest.
    requests: usize,
    asked: Vec<Parameters>,
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

impl Stage {
    /// A stage for the waits of all services.
    ///
    /// # Panics
    ///
    /// If no client can be made.
    #[must_use]
    pub fn new() -> Self {
        let server = Server::closed();
        let client = |service: &'static str| {
            dynamic::builder(service)
                .and_then(|builder| server.aim(builder).transport(server.in_process()).build())
                .unwrap_or_else(|error| panic!("{error}"))
        };
        let clients = dynamic::services().map(|service| (service.name, client(service.name))).collect();
        Self { server, clients }
    }

    /// Plays a wait: each look gets its sight, and those behind the last get the last.
    ///
    /// # Panics
    ///
    /// If the wait does not even begin.
    pub async fn play(
        &self,
        subject: &Subject,
        sights: &[Sight],
        adjust: impl FnOnce(Waiter) -> Waiter,
    ) -> Looked {
        self.server.forget();
        let looks = Arc::new(Mutex::new(Looks::default()));
        let (told, sights) = (subject.clone(), sights.to_vec());
        let (seen, time) = (Arc::clone(&looks), self.server.time());
        self.server.script(move |action, parameters| match &told.begin {
            _ if action == told.poll.spec.name.value => {
                let mut looks = lock(&seen);
                looks.count(time.now(), parameters);
                let sight = sights.get(looks.count - 1).or(sights.last())?;
                Some(sight.answer(&told, &looks))
            }
            Begin::Call { answer, .. } => Some(Answer::ok(answer)),
            Begin::Waiter(_) => None,
        });
        let start = self.server.time().now();
        let begun = match self.clients.get(subject.service) {
            Some(client) => subject.begin(client).await,
            None => panic!("{}: no client of {}", subject.name, subject.service),
        };
        let (response, waiter) = begun.unwrap_or_else(|error| panic!("{}: {error}", subject.name));
        let mut waiter = adjust(waiter);
        let (mut states, mut failed) = (Vec::new(), None);
        while let Some(state) = waiter.next_state().await {
            match state {
                Ok(state) => states.push(state.to_string()),
                Err(error) => failed = Some(error),
            }
        }
        let end = match failed {
            Some(error) => Err(error),
            None => waiter.await,
        };
        let since = |time: SystemTime| time.duration_since(start).unwrap_or_default();
        let looks = std::mem::take(&mut *lock(&looks));
        let (began, took) = (since(looks.began.unwrap_or(start)), since(self.server.time().now()));
        Looked { response, states, end, looks: looks.count, asked: looks.asked, began, took }
    }
}

impl Looks {
    fn count(&mut self, now: SystemTime, parameters: &Parameters) {
        if self.at != Some(now) {
            (self.at, self.requests) = (Some(now), 0);
            self.began.get_or_insert(now);
            self.count += 1;
        }
        self.requests += 1;
        self.asked.push(parameters.clone());
    }
}

impl Sight {
    fn answer(&self, subject: &Subject, looks: &Looks) -> Answer {
        let pages = match self {
            Self::Code(status, code) => return Answer::code(*status, code),
            Self::Moving(before, _) if looks.requests == 1 => before,
            Self::Pages(pages) | Self::Moving(_, pages) => pages,
        };
        let asked = looks.asked.last();
        let position =
            subject.poll.spec.pagination.as_ref().and_then(|pages| asked?.get(&pages.position.value));
        let number = position.and_then(|text| text.trim_start_matches("page-").parse().ok()).unwrap_or(1);
        Answer::ok(&subject.page(pages, number))
    }
}

fn lock(looks: &Mutex<Looks>) -> MutexGuard<'_, Looks> {
    looks.lock().unwrap_or_else(PoisonError::into_inner)
}
