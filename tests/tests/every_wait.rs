//! Every wait and every waiter of the specs, through the client that calls by name: what is seen
//! with each look, and how it must end. What is expected is read from the specs.

use std::time::Duration;

use cloudnet::{ErrorClass, ErrorKind, ResourceState};
use cloudnet_codegen::model::Action;
use cloudnet_tests::server::catalog;
use cloudnet_tests::wait::{Begin, Goal, Looked, Other, Row, Sight, Stage, Subject, subjects};

/// A state that no document lists: it is waited out.
const UNKNOWN: &str = "Meditating";

/// What one wait gets to see, look by look, and how it must end with the last of them.
struct Case {
    name: String,
    sights: Vec<Sight>,
    end: End,
}

enum End {
    /// Well.
    Well,
    /// With an error of the wait, of this class, in this state.
    Badly(ErrorClass, String),
    /// With the error that the poll was answered with.
    Refused,
}

fn case(name: impl Into<String>, sights: Vec<Sight>, end: End) -> Case {
    Case { name: name.into(), sights, end }
}

/// What a wait can see.
trait Scenes {
    fn before(&self) -> Row;
    fn reached(&self) -> Row;
    fn absent(&self) -> Sight;
    fn gone_codes(&self, gone: bool) -> Vec<(u16, String)>;
    fn is_told_apart(&self) -> bool;
}

impl Scenes for Subject {
    /// The row while the wait goes on: in another state, or with what was asked for not there yet.
    fn before(&self) -> Row {
        let Goal::States(goal) = &self.goal else { return self.row(self.goal_state()) };
        let states = &self.resource.states;
        let others = states.passing.iter().chain(&states.settled).map(|state| &state.value);
        match others.into_iter().find(|state| !goal.contains(state) && !self.failure.contains(state)) {
            Some(state) => self.row(Some(state)).of_before(None),
            None if self.shows.is_empty() => self.row(Some(UNKNOWN)),
            None => self.reached().of_before(None),
        }
    }

    fn reached(&self) -> Row {
        self.row(self.goal_state())
    }

    /// What is answered when the resource is not there.
    fn absent(&self) -> Sight {
        match self.gone_codes(true).first() {
            Some((status, code)) if self.finder.rows.is_none() => Sight::Code(*status, code.clone()),
            _ => pages([vec![]]),
        }
    }

    /// Codes of the poll's own tables about something that is not there, and those that are about
    /// something else.
    fn gone_codes(&self, gone: bool) -> Vec<(u16, String)> {
        let own = self.poll.spec.errors.iter().chain(&self.poll.spec.observed);
        let missing = own.filter(|row| row.class == "NotFound" && row.gone.unwrap_or(true) == gone);
        missing.map(|row| (row.status.max(400), row.code.value.clone())).collect()
    }

    /// Whether the answer can have rows of others.
    fn is_told_apart(&self) -> bool {
        self.telling_keys().next().is_some()
    }
}

fn pages<const N: usize>(pages: [Vec<Row>; N]) -> Sight {
    Sight::Pages(pages.into())
}

fn alone(row: Row) -> Sight {
    pages([vec![row]])
}

/// Old state first, then the goal: over exactly then.
fn the_goal(subject: &Subject) -> Vec<Case> {
    let (before, reached) = (subject.before(), subject.reached());
    match &subject.goal {
        Goal::States(goal) => {
            let mut on_the_way = vec![alone(before)];
            if !subject.shows.is_empty() {
                on_the_way.push(alone(reached.clone().of_before(None)));
            }
            on_the_way
                .extend(subject.shows.iter().map(|(field, _)| alone(reached.clone().of_before(Some(field)))));
            let to = |state: &String| {
                let last = alone(subject.row(Some(state)));
                let sights = on_the_way.iter().cloned().chain([last]).collect();
                case(format!("to {state}"), sights, End::Well)
            };
            goal.iter().map(to).collect()
        }
        Goal::Present => {
            vec![case("to presence", vec![subject.absent(), subject.absent(), alone(reached)], End::Well)]
        }
        Goal::Gone => {
            let states = subject.resource.states.all().map(|state| alone(subject.row(Some(&state.value))));
            let mut sights: Vec<Sight> = [alone(before)].into_iter().chain(states).collect();
            sights.push(subject.absent());
            let mut cases = vec![case("to absence", sights, End::Well)];
            if subject.finder.exists.is_some() {
                let left = vec![alone(subject.reached()), alone(subject.reached().left_over())];
                cases.push(case("to what is left over", left, End::Well));
            }
            cases
        }
    }
}

/// What is missing: not yet there, or gone.
fn absence(subject: &Subject) -> Vec<Case> {
    if !matches!(subject.goal, Goal::States(_)) {
        return Vec::new();
    }
    let gone = || End::Badly(ErrorClass::NotFound, "(gone)".to_owned());
    let away = |times: usize| vec![subject.absent(); times];
    let mut cases = vec![
        case("seen and gone", vec![alone(subject.before()), subject.absent()], gone()),
        case("late", [away(3), vec![alone(subject.reached())]].concat(), End::Well),
    ];
    cases.push(match subject.appears {
        true => case("very late", [away(9), vec![alone(subject.reached())]].concat(), End::Well),
        false => case("never there", away(4), gone()),
    });
    cases
}

/// The row is on the second page, behind rows of others.
fn the_second_page(subject: &Subject) -> Vec<Case> {
    if !subject.is_paged() {
        return Vec::new();
    }
    let others = || [1, 2].map(|number| subject.other(&Other::Number(number), subject.goal_state())).to_vec();
    let third = || subject.other(&Other::Number(3), subject.goal_state());
    let behind = |row: Row| pages([others(), vec![row, third()]]);
    let (before, reached) = (behind(subject.before()), behind(subject.reached()));
    let none = pages([others(), vec![third()]]);
    let sights = match subject.goal {
        Goal::States(_) => vec![before, reached],
        Goal::Present => vec![none, reached],
        Goal::Gone => vec![before.clone(), before, none],
    };
    vec![case("on page 2", sights, End::Well)]
}

/// A row of the first page goes while the pages are read, and ours slips from the second to the first.
fn a_listing_that_moves(subject: &Subject) -> Vec<Case> {
    if !subject.is_paged() {
        return Vec::new();
    }
    let other = |number| subject.other(&Other::Number(number), subject.goal_state());
    let moving = |row: Row| {
        let before = vec![vec![other(1), other(2)], vec![row.clone(), other(3)]];
        Sight::Moving(before, vec![vec![other(2), row], vec![other(3)]])
    };
    let (before, reached) = (moving(subject.before()), moving(subject.reached()));
    let none = pages([vec![other(1), other(2)], vec![other(3)]]);
    let sights = match subject.goal {
        Goal::States(_) => vec![alone(subject.before()), before, reached],
        Goal::Present => vec![none, reached],
        Goal::Gone => vec![before.clone(), before, none],
    };
    vec![case("moving", sights, End::Well)]
}

/// Rows that share all but one key never count.
fn neighbours(subject: &Subject) -> Vec<Case> {
    let of_key = |key: &str| {
        let other = |state: Option<&str>| subject.other(&Other::Key(key.to_owned()), state);
        let mut states: Vec<Option<&str>> = vec![subject.goal_state()];
        states.extend(subject.failure.iter().map(|state| Some(state.as_str())));
        let others: Vec<Row> = states.iter().map(|state| other(*state)).collect();
        // The answer about one resource has no room for another.
        let lists = subject.finder.rows.is_some();
        let beside = |row: Row| {
            let others = others.iter().filter(|_| lists).cloned();
            Sight::Pages(vec![others.chain([row]).collect()])
        };
        let only = || Sight::Pages(vec![others.clone()]);
        let sights = match &subject.goal {
            Goal::States(_) => vec![only(), only(), beside(subject.before()), beside(subject.reached())],
            Goal::Present => vec![only(), only(), beside(subject.reached())],
            Goal::Gone => vec![beside(subject.before()), beside(subject.before()), only()],
        };
        case(format!("beside another {key}"), sights, End::Well)
    };
    subject.telling_keys().map(of_key).collect()
}

/// A state from which it will not get there ends it at once.
fn failure(subject: &Subject) -> Vec<Case> {
    let of = |state: &String| {
        let sights = vec![alone(subject.before()), alone(subject.row(Some(state)))];
        case(format!("failing in {state}"), sights, End::Badly(ErrorClass::Precondition, state.clone()))
    };
    subject.failure.iter().map(of).collect()
}

/// Codes of the poll mean absence where its own tables say so, and nowhere else.
fn codes(subject: &Subject) -> Vec<Case> {
    let invented = (404, "Invented.NotFound".to_owned());
    let about_others = subject.gone_codes(false).into_iter().chain([invented]).map(|code| (code, false));
    let about_it = subject.gone_codes(true).into_iter().map(|code| (code, true));
    let of = |((status, code), gone): ((u16, String), bool)| {
        let end = match (&subject.goal, gone) {
            (Goal::Gone, true) => End::Well,
            (Goal::States(_), true) => End::Badly(ErrorClass::NotFound, "(gone)".to_owned()),
            (_, false) => End::Refused,
            (Goal::Present, true) => return None,
        };
        let first = if subject.goal == Goal::Present { subject.absent() } else { alone(subject.before()) };
        Some(case(format!("answered {code}"), vec![first, Sight::Code(status, code)], end))
    };
    about_others.chain(about_it).filter_map(of).collect()
}

/// What is wrong with how a case went.
fn complaint(subject: &Subject, case: &Case, looked: &Looked) -> Option<String> {
    let number = (looked.looks != case.sights.len())
        .then(|| format!("{} looks of {}", looked.looks, case.sights.len()));
    let problem =
        number.or_else(|| ending(subject, &case.end, looked)).or_else(|| asking(subject, looked))?;
    let (states, end) = (&looked.states, looked.end.as_ref().map_err(ToString::to_string));
    Some(format!("{} {}: {problem}; {states:?} {end:?}", subject.name, case.name))
}

fn ending(subject: &Subject, end: &End, looked: &Looked) -> Option<String> {
    let error = match (end, &looked.end, &subject.goal) {
        (End::Well, Ok(ResourceState::Gone), Goal::Gone) => return None,
        (End::Well, Ok(ResourceState::Present), Goal::Present) => return None,
        (End::Well, Ok(ResourceState::Named(state)), Goal::States(goal)) if goal.contains(state) => {
            return None;
        }
        (End::Badly(..) | End::Refused, Err(error), _) => error,
        _ => return Some("another end".to_owned()),
    };
    let named: Vec<(&str, String)> = error.waited_for().to_vec();
    let is_named = named.len() == subject.keys.len()
        && named.iter().all(|(key, value)| subject.keys.get(*key) == Some(value));
    let is_call = matches!(subject.begin, Begin::Call { .. });
    let problem = match end {
        _ if !is_named => "other keys are named",
        _ if error.applied().is_some() != is_call || error.may_have_been_applied() != is_call => {
            "the answer of the call is lost"
        }
        End::Refused if error.kind() == ErrorKind::Service && !error.is_gone() => return None,
        End::Badly(class, state)
            if error.kind() == ErrorKind::Wait
                && error.class() == *class
                && error.last_state() == Some(state)
                && subject
                    .keys
                    .iter()
                    .all(|(key, value)| error.to_string().contains(&format!("{key} {value}"))) =>
        {
            return None;
        }
        _ => "another error",
    };
    Some(problem.to_owned())
}

/// Each poll asks for the subject, in its region.
fn asking(subject: &Subject, looked: &Looked) -> Option<String> {
    let knows = |action: &Action, name: &str| catalog::field(&action.request, name).is_some();
    let mut expected: Vec<(&str, Option<&str>)> = Vec::new();
    for (parameter, source) in &subject.finder.ask {
        let value = source.strip_prefix("literal.");
        expected.push((parameter, value.or_else(|| subject.keys.get(&source.value).map(String::as_str))));
    }
    if knows(subject.poll, "RegionId") {
        expected.push(("RegionId", Some(subject.region)));
    }
    looked.asked.iter().find_map(|asked| {
        let differs = |(name, value): &&(&str, Option<&str>)| asked.get(*name).map(String::as_str) != *value;
        expected.iter().find(differs).map(|(name, value)| format!("{name} is not {value:?} in {asked:?}"))
    })
}

/// Plays the cases that every subject has, and says how many subjects had one, and how many cases there were.
async fn play(scenario: fn(&Subject) -> Vec<Case>) -> (usize, usize) {
    let stage = Stage::new();
    let (mut played, mut cases, mut complaints) = (0, 0, Vec::new());
    for subject in subjects() {
        let of_subject = scenario(&subject);
        played += usize::from(!of_subject.is_empty());
        for case in of_subject {
            let looked = stage
                .play(&subject, &case.sights, |waiter| waiter.with_deadline(Duration::from_secs(600)))
                .await;
            complaints.extend(complaint(&subject, &case, &looked));
            cases += 1;
        }
    }
    assert!(complaints.is_empty(), "{} of {cases}:\n{}", complaints.len(), complaints.join("\n"));
    (played, cases)
}

/// How many subjects are so.
fn count(is_so: impl Fn(&Subject) -> bool) -> usize {
    subjects().iter().filter(|subject| is_so(subject)).count()
}

#[test]
fn every_wait_and_every_waiter_is_a_subject() {
    let waits = catalog::actions()
        .filter(|(_, action)| action.spec.wait.as_ref().is_some_and(|wait| wait.resource.is_some()));
    let resources = catalog::model().services.iter().flat_map(|service| &service.spec.resources);
    let waiters = resources.map(|resource| resource.waiters.len()).sum::<usize>();
    let mut names: Vec<String> = subjects().into_iter().map(|subject| subject.name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), waits.count() + waiters);
    let by_name: usize =
        cloudnet::dynamic::services().map(|service| cloudnet::dynamic::waiters(service.name).count()).sum();
    assert_eq!(by_name, waiters);
    assert!(count(|subject| subject.keys.is_empty()) == 0);
}

#[tokio::test]
async fn over_exactly_at_the_goal() {
    let (played, cases) = play(the_goal).await;
    assert_eq!(played, subjects().len());
    assert!(cases > played);
}

#[tokio::test]
async fn absence_is_not_yet_or_no_more() {
    let (played, _) = play(absence).await;
    assert_eq!(played, count(|subject| matches!(subject.goal, Goal::States(_))));
}

#[tokio::test]
async fn found_on_whatever_page() {
    let (played, _) = play(the_second_page).await;
    assert_eq!(played, count(Subject::is_paged));
}

#[tokio::test]
async fn not_gone_because_it_moved() {
    let (played, _) = play(a_listing_that_moves).await;
    assert_eq!(played, count(Subject::is_paged));
}

#[tokio::test]
async fn rows_of_others_never_count() {
    let (played, cases) = play(neighbours).await;
    assert_eq!(played, count(Subject::is_told_apart));
    assert!(cases > played, "composite keys have a case for each key");
}

#[tokio::test]
async fn a_dead_end_ends_it_at_once() {
    let (played, _) = play(failure).await;
    assert_eq!(played, count(|subject| !subject.failure.is_empty()));
    assert!(played > 0);
}

#[tokio::test]
async fn a_code_means_gone_by_the_table_alone() {
    let (played, cases) = play(codes).await;
    assert_eq!(played, subjects().len());
    assert!(cases > played);
}

/// How a wait in vain says what it saw last.
fn still(state: Option<&str>) -> String {
    match state {
        Some("(gone)") => "is still not there".to_owned(),
        state => format!("is still {}", state.unwrap_or_default()),
    }
}

#[tokio::test]
async fn what_never_comes_ends_at_the_deadline() {
    let stage = Stage::new();
    let mut complaints = Vec::new();
    for subject in subjects() {
        let sight = match &subject.goal {
            Goal::Present => subject.absent(),
            Goal::States(_) | Goal::Gone => alone(subject.before()),
        };
        let looked = stage.play(&subject, &[sight], |waiter| waiter).await;
        let deadline = Duration::from_secs(subject.deadline_s.unsigned_abs());
        let Err(error) = &looked.end else {
            complaints.push(format!("{}: {:?}", subject.name, looked.end));
            continue;
        };
        let text = error.to_string();
        let last = looked.states.last().map(String::as_str);
        let first_delay = Duration::from_secs(subject.first_delay_s.unsigned_abs());
        let is_in_time = looked.began == first_delay
            && looked.took <= deadline
            && looked.took + Duration::from_secs(1) > deadline;
        let names_all = subject.keys.iter().all(|(key, value)| text.contains(&format!("{key} {value}")));
        let is_call = matches!(subject.begin, Begin::Call { .. });
        let is_applied = match &subject.begin {
            Begin::Call { answer, .. } => {
                error.applied().map(|applied| applied.body().to_vec()) == Some(answer.to_string().into())
                    && looked.response.is_some()
            }
            Begin::Waiter(_) => error.applied().is_none(),
        };
        let is_right = (error.kind(), error.class()) == (ErrorKind::Wait, ErrorClass::Busy)
            && error.last_state() == last
            && text.contains(&still(last))
            && text.contains(&format!("after {}", spoken(deadline.as_secs())))
            && error.may_have_been_applied() == is_call;
        if !(is_right && is_in_time && names_all && is_applied) {
            complaints.push(format!("{} {:?}: {error:?}", subject.name, looked.took));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// A deadline as texts have it.
fn spoken(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
