//! Made-up revisions, and what each of them means.

use xtask::diff::Step::{self, Major, Minor, Patch};

/// What is done to a file of the sample service.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edit {
    /// The first occurrence of a text becomes another.
    Replace(&'static str, &'static str, &'static str),
    /// A file is written.
    Write(&'static str, &'static str),
    /// A file goes elsewhere.
    Move(&'static str, &'static str),
    /// A file is deleted.
    Remove(&'static str),
}

use Edit::{Move, Remove, Replace, Write};

/// A revision, with the kinds of its effects and the verdict.
#[derive(Debug)]
pub(crate) struct Revision {
    /// What it does.
    pub(crate) name: &'static str,
    /// How.
    pub(crate) edits: &'static [Edit],
    /// Every kind of effect that it has.
    pub(crate) kinds: &'static [&'static str],
    /// The largest step.
    pub(crate) verdict: Step,
}

const fn revision(
    name: &'static str,
    edits: &'static [Edit],
    kinds: &'static [&'static str],
    verdict: Step,
) -> Revision {
    Revision { name, edits, kinds, verdict }
}

const CREATE: &str = "things/CreateThing.yaml";
const DELETE: &str = "things/DeleteThing.yaml";
const LIST: &str = "things/DescribeThings.yaml";
const PLACES: &str = "places/DescribePlaces.yaml";
const PLACE: &str = "places/_resources.yaml";
const OLD_PLACES: &str = "places/DescribeOldPlaces.yaml";
const SERVICE: &str = "_service.yaml";
const RESOURCES: &str = "things/_resources.yaml";

const FURTHER: &str = "action: TouchThing
section: \"1.4\"
summary: Touches a thing.
effect: read
answers: example
answers_because: Nothing is kept.
request:
  - { name: Hint, type: string, summary: Hint. }
";

const OTHER_SERVICE: &str = "service: other
title: Other service
summary: What else there is.
product: Other
version: \"2020-01-01\"
document: Other reference
protocol: acs-rpc
endpoints: { rule: \"other.{region}.example.com\" }
";

const SHOW: &str = "action: DescribeThing
section: \"1.4\"
summary: Shows a thing.
effect: read
request:
  - { name: ThingId, type: string, required: true, summary: ID of the thing. }
response:
  - { path: Status, type: string, values: [Pending, Available], summary: State. }
  - { path: ThingId, type: string, summary: ID of the thing. }
errors:
  - { status: 404, code: InvalidThingId.NotFound, class: not-found, summary: The thing does not exist. }
  - { status: 400, code: MissingThingId, class: invalid-parameter, summary: The ID is missing. }
";

/// All of them, by what they change.
#[rustfmt::skip]
pub(crate) const REVISIONS: &[Revision] = &[
    // Notation and texts.
    revision("keys in another order", &[Replace(CREATE, "effect: write\nidempotency: ClientToken", "idempotency: ClientToken\neffect: write")], &["notation"], Step::None),
    revision("a comment and another style", &[Replace(CREATE, "  - { name: Level, type: integer, summary: Level. }", "  # Of what?\n  - name: Level\n    type: integer\n    summary: Level.")], &["notation"], Step::None),
    revision("rows in another order", &[Replace(DELETE, "  - { name: Force, type: boolean, default: false, summary: Whether what hangs on it goes too. }\n", ""), Replace(DELETE, "summary: ID of the thing. }\n", "summary: ID of the thing. }\n  - { name: Force, type: boolean, default: false, summary: Whether what hangs on it goes too. }\n")], &["notation"], Step::None),
    revision("other sentences", &[
        Replace(CREATE, "Creates a thing.", "Makes a thing."),
        Replace(CREATE, "What it is for.", "Its purpose."),
        Replace(CREATE, "no thing left", "no more things"),
        Replace(LIST, "summary: State.", "summary: Its state."),
        Replace(SERVICE, "title: Things", "title: All things"),
        Replace(SERVICE, "title: Sample service", "title: A sample service"),
        Replace(RESOURCES, "title: thing", "title: a thing"),
        Replace(RESOURCES, "Waits until a thing can be used.", "Waits for a thing."),
        Replace(CREATE, "deadline_s: 600, source: observed", "deadline_s: 600, source: observed, note: Some never come."),
        Replace(CREATE, "then: [Mode] } }", "then: [Mode] }, note: Both modes go together. }"),
        Replace(CREATE, "values: [Fast, Slow]", "values: [{ value: Fast, summary: In seconds. }, Slow]"),
    ], &["action-text", "parameter-text", "code-text", "field-text", "chapter-text", "service-text", "kept-text", "waiter-text", "wait-text", "rule-text", "variant-text"], Patch),
    revision("another section and permission", &[Replace(CREATE, "section: \"1.1\"", "section: \"1.7\""), Replace(CREATE, "thing/*", "thing/$id")], &["action-section", "permission"], Patch),
    revision("other provenance", &[
        Replace(CREATE, "name: Level, type: integer, summary: Level.", "name: Level, type: integer, summary: Level., documented: example"),
        Replace(LIST, "type: integer, summary: Level.", "type: integer, summary: Level., documented: example"),
        Replace(CREATE, "deadline_s: 600, source: observed", "deadline_s: 600, source: documented"),
        Replace(RESOURCES, "deadline_s: 600, source: observed", "deadline_s: 600, source: documented"),
        Replace(CREATE, "observed:\n", ""),
    ], &["parameter-provenance", "field-provenance", "wait-provenance", "waiter-provenance", "code-provenance"], Patch),
    // Services, chapters, actions.
    revision("a further service", &[Write("../other/_service.yaml", OTHER_SERVICE), Write("../other/TouchThing.yaml", FURTHER)], &["service-added"], Minor),
    revision("another version of the API", &[Replace(SERVICE, "2020-01-01", "2021-01-01")], &["service-version"], Major),
    revision("another product", &[Replace(SERVICE, "product: Sample", "product: Samples")], &["service-product"], Patch),
    revision("another protocol", &[Replace(SERVICE, "protocol: acs-rpc", "protocol: aws-json-1.1\ntarget: Sample\nsigning_name: sample")], &["service-protocol"], Major),
    revision("endpoints", &[Replace(SERVICE, "north: sample.example.com", "south: sample.example.com"), Replace(SERVICE, "sample.{region}.example.com", "{region}.sample.example.com")], &["endpoint-added", "endpoint-removed", "endpoint-changed"], Major),
    revision("a chapter without actions is none", &[Remove(PLACES), Remove(OLD_PLACES), Remove(PLACE)], &["action-removed", "chapter-removed", "resource-removed", "kept-removed", "waiter-removed"], Major),
    revision("a further action", &[Write("things/TouchThing.yaml", FURTHER)], &["action-added"], Minor),
    revision("an action of another chapter", &[Move(OLD_PLACES, "things/DescribeOldPlaces.yaml"), Replace("things/DescribeOldPlaces.yaml", "section: \"2.2\"", "section: \"1.5\"")], &["action-moved", "action-section"], Major),
    revision("a deprecated action", &[Replace(PLACES, "effect: read", "effect: read\nstatus: deprecated\nstatus_note: Places are fixed.")], &["action-deprecated"], Minor),
    revision("another reason not to call an action", &[Replace(OLD_PLACES, "DescribePlaces has them all.", "It knows half of them.")], &["action-deprecation"], Patch),
    revision("deprecated rows", &[Replace(PLACES, "summary: Kind of the places.", "summary: Kind of the places., status: deprecated"), Replace(PLACES, "summary: ID of the place.", "summary: ID of the place., status: deprecated")], &["parameter-deprecated", "field-deprecated"], Minor),
    revision("another method", &[Replace(PLACES, "effect: read", "effect: read\nmethod: GET")], &["action-method"], Minor),
    revision("a read that writes", &[Replace(PLACES, "effect: read", "effect: write")], &["effect-becomes-write"], Major),
    revision("no token any more", &[Replace(CREATE, "idempotency: ClientToken\n", ""), Replace(CREATE, "name: ClientToken", "name: Remark")], &["token-goes", "parameter-removed", "parameter-added"], Major),
    revision("a token in another parameter", &[Replace(CREATE, "idempotency: ClientToken", "idempotency: Token"), Replace(CREATE, "name: ClientToken", "name: Token")], &["token-changes", "parameter-removed", "parameter-added"], Major),
    revision("calls that queue", &[Replace(DELETE, "effect: write", "effect: write\nserialize_by: [ThingId]")], &["serialisation"], Minor),
    // Requests.
    revision("a further parameter", &[Replace(PLACES, "request:\n", "request:\n  - { name: Size, type: integer, summary: Size. }\n")], &["parameter-added"], Minor),
    revision("a further parameter that is required", &[Replace(PLACES, "request:\n", "request:\n  - { name: Size, type: integer, required: true, summary: Size. }\n")], &["parameter-added-required"], Major),
    revision("a parameter becomes required", &[Replace(PLACES, "type: string, summary: Kind", "type: string, required: true, summary: Kind")], &["parameter-required"], Major),
    revision("a document that requires what today does not", &[Replace(PLACES, "type: string, summary: Kind", "type: string, required: true, today: { required: false }, summary: Kind")], &["parameter-required-documented"], Patch),
    revision("another type", &[Replace(PLACES, "name: Kind, type: string", "name: Kind, type: integer")], &["parameter-type"], Major),
    revision("another word for a type", &[Replace(CREATE, "name: Count, type: integer", "name: Count, type: long"), Replace(LIST, "Level\", type: integer", "Level\", type: long")], &["parameter-type-word", "field-type-word"], Patch),
    revision("a list of values", &[Replace(PLACES, "name: Kind, type: string", "name: Kind, type: string, values: [A, B]")], &["parameter-enum-comes", "enum-added", "limit-comes"], Major),
    revision("another name of an enum", &[Replace(CREATE, "values: [Fast, Slow]", "values: [Fast, Slow], type_name: Speed"), Replace(LIST, "values: [Pending, Available]", "values: [Pending, Available], type_name: State")], &["parameter-enum-renamed", "field-enum-renamed", "enum-added", "enum-removed"], Major),
    revision("a further value", &[Replace(CREATE, "values: [Fast, Slow]", "values: [Fast, Slow, Steady]")], &["variant-added", "limit-widened"], Minor),
    revision("a variant of another value", &[Replace(CREATE, "values: [Fast, Slow]", "values: [{ value: QUICK, as: Fast }, Slow]")], &["variant-value", "limit-moved"], Major),
    revision("a secret", &[Replace(PLACES, "name: Kind, type: string", "name: Kind, type: string, sensitive: true"), Replace(PLACES, "PlaceId\", type: string", "PlaceId\", type: string, sensitive: true")], &["parameter-sensitive", "field-sensitive"], Major),
    revision("a parameter of the form", &[Replace(PLACES, "name: Kind, type: string", "name: Kind, type: string, in: form")], &["parameter-place"], Minor),
    revision("another default", &[Replace(CREATE, "default: 1", "default: 2")], &["default-changed"], Minor),
    revision("another default of the document alone", &[Replace(CREATE, "default: 1,", "default: 2, today: { default: 1 },")], &["default-documented"], Patch),
    // Limits and rules.
    revision("a narrower limit", &[Replace(CREATE, "length: [2, 128]", "length: [2, 64]")], &["limit-narrowed"], Major),
    revision("a wider limit", &[Replace(CREATE, "range: [1, 10]", "range: [1, 20]")], &["limit-widened"], Minor),
    revision("a limit elsewhere", &[Replace(CREATE, "range: [1, 10]", "range: [2, 20]"), Replace(CREATE, "default: 1", "default: 2")], &["limit-moved", "default-changed"], Major),
    revision("the document narrows, the service of today does not", &[Replace(CREATE, "length: [2, 256]", "length: [2, 200]")], &["limit-documented"], Patch),
    revision("today narrows, the document does not", &[Replace(CREATE, "length: [2, 256], today: { length: [1, 256] }", "length: [1, 256], today: { length: [2, 256] }")], &["limit-documented", "limit-today", "advice-changed"], Patch),
    revision("no limit any more", &[Replace(CREATE, " length: [2, 128],", "")], &["limit-goes"], Minor),
    revision("advice", &[Replace(CREATE, "length: [2, 128]", "length: [2, 128], advice: { chars: resource-name }")], &["advice-changed"], Patch),
    revision("values of an answer", &[Replace(LIST, "Description\", type: string", "Description\", type: string, format: ipv4")], &["field-limit"], Patch),
    revision("a further rule", &[Replace(CREATE, "rules:\n", "rules:\n  - { excludes: [Level, Mode] }\n")], &["rule-added"], Major),
    revision("a rule that only advises", &[Replace(CREATE, "then: [Mode] } }", "then: [Mode] }, advice: true }")], &["rule-softened"], Minor),
    revision("a further rule that refuses nothing", &[Replace(CREATE, "rules:\n", "rules:\n  - { excludes: [Level, Mode], advice: true }\n")], &["rule-advised"], Patch),
    // Responses.
    revision("a further field", &[Replace(PLACES, "response:\n", "response:\n  - { path: Count, type: integer, summary: How many. }\n")], &["field-added"], Minor),
    revision("another type of a field", &[Replace(PLACES, "PlaceId\", type: string", "PlaceId\", type: integer")], &["field-type"], Major),
    revision("a list of values of a field", &[Replace(PLACES, "PlaceId\", type: string", "PlaceId\", type: string, values: [A, B]")], &["field-enum-comes", "enum-added", "field-limit"], Major),
    revision("another wrapper", &[Replace(OLD_PLACES, "OldPlaces.OldPlace[].PlaceId", "OldPlaces.Item[].PlaceId")], &["field-type", "field-wrapper", "field-removed", "field-added", "struct-added", "struct-removed"], Major),
    revision("a further spelling", &[Replace(PLACES, "PlaceId\", type: string", "PlaceId\", type: string, also: [placeId]")], &["spelling-added"], Minor),
    revision("what is returned is no longer what is taken", &[Replace(LIST, "Links.Link[].Target", "Links.Link[].Goal")], &["field-added", "field-removed", "conversion-removed"], Major),
    revision("a shared type", &[Replace(SERVICE, "  Tag: [Key, Value]", "  Tag: [Key, Value]\n  Link: [Kind, Target]")], &["shared-type-added", "struct-removed", "parameter-type", "field-type", "conversion-removed"], Major),
    revision("a further field of a shared type", &[Replace(SERVICE, "[Key, Value]", "[Key, Value, Scope]"), Replace(LIST, "  - { name: ThingId", "  - { name: \"Tag.N.Scope\", type: string, items: [1, 5], summary: Scope of that tag. }\n  - { name: ThingId"), Replace(LIST, "  \"Tag.N.Value\": {", "  \"Tag.N.Scope\": { none: Tags are not kept. }\n  \"Tag.N.Value\": {")], &["shared-type-field-added", "parameter-added", "emulator-filter"], Minor),
    // Errors.
    revision("further codes", &[Replace(CREATE, "observed:\n", "observed:\n  - { code: SlowDown, class: throttled, summary: Too many calls. }\n  - { code: Forbidden.Thing, class: permission, summary: Not allowed. }\n")], &["code-added", "code-added-retried"], Minor),
    revision("a class that is not repeated either", &[Replace(CREATE, "class: quota", "class: permission")], &["code-class", "emulator-refusal"], Minor),
    revision("a class that is repeated", &[Replace(CREATE, "class: quota", "class: throttled")], &["code-class", "code-retried", "emulator-refusal"], Major),
    revision("a class that is repeated less", &[Replace(CREATE, "class: busy, passes: another task", "class: internal")], &["code-class", "code-retried-otherwise", "code-text", "emulator-refusal"], Major),
    revision("a code that does not mean gone", &[Replace(DELETE, "class: not-found,", "class: not-found, gone: false,")], &["code-not-gone"], Major),
    revision("another status", &[Replace(DELETE, "status: 404", "status: 400")], &["code-status"], Patch),
    // Pages, dry runs, waits.
    revision("no pages any more", &[Replace(LIST, "pagination: { style: page-number, page: PageNumber, size: PageSize, total: TotalCount, items: \"Things.Thing[]\" }\n", "")], &["paging-goes", "emulator-filter"], Major),
    revision("pages without a size", &[Replace(LIST, " size: PageSize,", "")], &["paging-style", "emulator-filter"], Minor),
    revision("entries of another name", &[Replace(LIST, "response:\n", "response:\n  - { path: \"Things.Thing[]\", type: list, item: Entry, summary: The things. }\n")], &["paging-entry", "field-type", "field-text", "field-enum-renamed", "struct-added", "struct-removed", "enum-added", "enum-removed", "field-provenance"], Major),
    revision("no dry run any more", &[Replace(CREATE, "dry_run: { parameter: DryRun, passed: DryRunOperation }\n", "")], &["dry-run-goes"], Major),
    revision("a dry run with its parameter", &[Replace(DELETE, "effect: write\n", "effect: write\ndry_run: { parameter: DryRun, passed: DryRunOperation }\n"), Replace(DELETE, "  - { name: Force,", "  - { name: DryRun, type: boolean, summary: Whether this only asks. }\n  - { name: Force,")], &["dry-run-added", "parameter-added"], Minor),
    revision("another code of a dry run", &[Replace(CREATE, "DryRunOperation", "DryRunPassed")], &["dry-run-code"], Minor),
    revision("no wait any more", &[Replace(DELETE, "wait: { resource: Thing, until: gone, deadline_s: 300, source: observed }\n", "")], &["wait-goes"], Major),
    revision("another goal and a shorter deadline", &[Replace(CREATE, "deadline_s: 600", "deadline_s: 300, first_delay_s: 5"), Replace(CREATE, "until: [Available]", "until: [Available, Pending]"), Replace(RESOURCES, "deadline_s: 600", "deadline_s: 300, first_delay_s: 5"), Replace(RESOURCES, "until: [Available], deadline_s", "until: [Available, Pending], deadline_s")], &["wait-goal", "wait-shorter", "wait-delay", "waiter-goal", "waiter-shorter", "waiter-delay"], Minor),
    revision("a further waiter", &[Replace(RESOURCES, "    waiters:\n", "    waiters:\n      - { name: ThingGone, summary: Waits until a thing is away., until: gone, deadline_s: 300, source: observed }\n")], &["waiter-added"], Minor),
    revision("a further state", &[Replace(RESOURCES, "passing: [Pending]", "passing: [Pending, Starting]"), Replace(LIST, "values: [Pending, Available]", "values: [Pending, Available, Starting]")], &["resource-state-added", "kept-state", "variant-added", "field-limit"], Minor),
    revision("an action that shows one", &[Write("things/DescribeThing.yaml", SHOW), Replace(RESOURCES, "    states:", "    show: { action: DescribeThing, ask: { ThingId: ThingId }, state: Status, exists: ThingId }\n    states:")], &["action-added", "wait-poll", "waiter-poll", "resource-found"], Major),
    revision("a waiter of other keys", &[Replace(PLACE, "keys: [PlaceId]", "keys: [PlaceId, Kind]"), Replace(PLACE, "where:", "ask: { Kind: Kind }, where:")], &["waiter-keys", "resource-found", "kept-changed"], Major),
    revision("an effect that is seen elsewhere", &[Replace(PLACES, "answers: example", "wait: { outside: DescribePlaceStatus, until: gone, source: observed }\nanswers: example")], &["wait-outside"], Patch),
    revision("a resource less", &[Remove(PLACE)], &["resource-removed", "kept-removed", "waiter-removed"], Major),
    // The emulator.
    revision("another resource that is read", &[Replace(LIST, "filters:", "reads: { list: Thing, by: { Mode: literal.Fast } }\nfilters:")], &["emulator-read"], Minor),
    revision("a row that names a resource", &[Replace(CREATE, "refuses:", "refers: { Secondary: Thing }\nrefuses:")], &["emulator-reference"], Minor),
    revision("what is made otherwise", &[Replace(RESOURCES, "Level: literal.1", "Level: literal.2")], &["kept-changed"], Minor),
    revision("another effect", &[Replace(CREATE, "stores: [Description, Level, Mode, ThingName]", "set: { Description: literal.none }, stores: [Level, Mode, ThingName]")], &["emulator-effect-changed"], Minor),
    revision("another effect as well", &[Replace(DELETE, "effects:\n", "effects:\n  - { change: Thing, set: { Description: literal.gone } }\n")], &["emulator-effect-added"], Minor),
    revision("a filter that says why it is none", &[Replace(LIST, "  \"Tag.N.Key\": { none: Tags are not kept. }", "  \"Tag.N.Key\": { none: Tags are unknown. }")], &["emulator-filter"], Minor),
    revision("another reason for an answer", &[Replace(PLACES, "Places are not made by any call.", "Places are fixed.")], &["emulator-answer"], Minor),
    revision("another code of a refusal", &[Replace(CREATE, "missing: InvalidParameter", "missing: QuotaExceeded.Thing")], &["emulator-refusal"], Patch),
];
