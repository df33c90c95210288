use std::fs;

use crate::model;
use crate::model::kept::{Behavior, Each, FilterBy, KeptEffect, Value};
use crate::model::{Model, Service};

const SERVICE: &str = r#"
service: sample
title: Sample
summary: What is sampled.
product: Sample
version: "1"
document: x
protocol: acs-rpc
endpoints: { rule: sample.example.com }
"#;

const RESOURCES: &str = r#"
resources:
  - name: Shelf
    title: shelf
    keys: [ShelfId]
    prefix: shelf-
    list: { action: ListShelves, rows: "Shelves.Shelf[]", ask: { Id: ShelfId }, where: { ShelfId: ShelfId }, state: Status }
    states: { passing: [Making], settled: [Ready, Open], failed: [Broken], leaving: [Leaving] }
    shown:
      Things.Thing: { each: Thing }
      "ThingIds.ThingId[]": { each: Thing, where: { In: ShelfId }, take: ThingId }
  - name: Thing
    title: thing
    keys: [ShelfId, ThingId]
    prefix: thing-
    parents: [Shelf, { resource: Shelf, field: In, of: ShelfId }]
    made: { In: own.ShelfId, Size: Shelf.Size }
    inside: { Size: Shelf.Size }
"#;

const LIST: &str = r#"
action: ListShelves
section: "1"
summary: Lists.
effect: read
pagination: { style: page-number, page: Page, size: PageSize, total: Total, items: "Shelves.Shelf[]" }
filters: { Why: { none: It tells why. } }
request:
  - { name: RegionId, type: string, summary: A. }
  - { name: Id, type: string, summary: B. }
  - { name: Size, type: string, summary: C. }
  - { name: Why, type: string, summary: D. }
  - { name: Filter.N.Key, type: string, values: [Size, Status], summary: E. }
  - { name: Filter.N.Value.M, type: string, summary: F. }
  - { name: Page, type: integer, summary: G. }
  - { name: PageSize, type: integer, summary: H. }
response:
  - { path: Total, type: integer, summary: A. }
  - { path: "Shelves.Shelf[].ShelfId", type: string, summary: B. }
  - { path: "Shelves.Shelf[].Status", type: string, summary: C. }
  - { path: "Shelves.Shelf[].Size", type: string, summary: D. }
  - { path: "Shelves.Shelf[].Secret", type: string, sensitive: true, summary: E. }
  - { path: "Shelves.Shelf[].Things.Thing[].ThingId", type: string, summary: F. }
  - { path: "Shelves.Shelf[].Things.Thing[].Color", type: string, summary: G. }
  - { path: "Shelves.Shelf[].ThingIds.ThingId[]", type: string, summary: H. }
"#;

const REQUEST: &str = r#"
request:
  - { name: RegionId, type: string, summary: A. }
  - { name: Token, type: string, summary: B. }
  - { name: ShelfId, type: string, summary: C. }
  - { name: ThingId, type: string, summary: D. }
  - { name: Size, type: string, summary: E. }
  - { name: Part.N.Name, type: string, summary: F. }
  - { name: Part.N.Kind, type: string, summary: G. }
  - { name: Color, type: string, summary: H. }
  - { name: All, type: string, format: comma-list, summary: I. }
"#;

fn read(writes: &[(&str, &str)]) -> Model {
    let tree = tempfile::tempdir().expect("the temporary directory can be written");
    let put = |name: &str, text: &str| fs::write(tree.path().join("sample").join(name), text).expect("ours");
    fs::create_dir(tree.path().join("sample")).expect("ours");
    put("_service.yaml", SERVICE);
    put("_resources.yaml", RESOURCES);
    put("ListShelves.yaml", LIST);
    for (name, effects) in writes {
        let head = format!(
            "action: {name}\nsection: \"2\"\nsummary: Does {name}.\neffect: write\nidempotency: Token\n"
        );
        put(&format!("{name}.yaml"), &format!("{head}{REQUEST}{effects}"));
    }
    let (model, _) = model(tree.path()).unwrap_or_else(|findings| panic!("{findings}"));
    model
}

fn behavior<'m>(service: &'m Service, name: &str) -> &'m Behavior {
    let mut actions = service.actions.iter();
    &actions.find(|action| action.facts.name.value == name).expect("it is there").behavior
}

/// The only effect of an action that is written so.
fn effect(effects: &str) -> KeptEffect {
    let mut model = read(&[("DoIt", effects)]);
    let mut actions = model.services.remove(0).actions;
    let at = actions.iter().position(|action| action.facts.name.value == "DoIt").expect("it is there");
    actions.remove(at).behavior.effects.remove(0)
}

fn pair(left: &str, right: &str) -> Vec<(String, String)> {
    vec![(left.to_owned(), right.to_owned())]
}

fn rows(effect: &KeptEffect) -> Vec<&str> {
    effect.stores.iter().map(|(row, _)| row.as_str()).collect()
}

fn by(effect: &KeptEffect) -> Vec<(String, String)> {
    let one = |(key, value): &'_ (String, Value)| match value {
        Value::Request(row) => (key.clone(), row.clone()),
        other => panic!("{other:?}"),
    };
    effect.by.iter().map(one).collect()
}

#[test]
fn a_create_stores_what_it_is_given_and_becomes_settled() {
    let made = effect("effects: [{ create: Shelf, set: { Secret: request.Color } }]");
    assert_eq!(rows(&made), ["ThingId", "Size", "Part", "All"]);
    assert_eq!((made.via.as_deref(), made.to.as_deref()), (Some("Making"), Some("Ready")));
    assert_eq!(by(&made), pair("ShelfId", "ShelfId"));
    assert!(made.from.is_empty());
    let waited = "wait: { resource: Shelf, until: [Open], source: observed }\neffects: [{ create: Shelf, stores: [] }]";
    let waited = effect(waited);
    assert_eq!((rows(&waited), waited.to.as_deref()), (Vec::new(), Some("Open")));
}

#[test]
fn a_change_finds_by_its_keys_and_leaves_the_state() {
    let changed = effect("effects: [{ change: Shelf }]");
    assert_eq!(by(&changed), pair("ShelfId", "ShelfId"));
    assert_eq!(changed.from, ["Ready", "Open"]);
    assert_eq!((&changed.via, &changed.to), (&None, &None));
    let one = "wait: { resource: Shelf, until: [Open], source: observed }\neffects: [{ change: Shelf }]";
    assert_eq!(effect(one).to.as_deref(), Some("Open"));
    let several =
        "wait: { resource: Shelf, until: [Ready, Open], source: observed }\neffects: [{ change: Shelf }]";
    assert_eq!(effect(several).to, None, "which of them it is hangs on the state before");
    let elsewhere = "wait: { resource: Shelf, by: { ShelfId: request.Color }, until: gone, source: observed }\n\
                     effects: [{ change: Shelf, by: { ShelfId: request.Size }, stores: [Part.N.Name] }]";
    let elsewhere = effect(elsewhere);
    assert_eq!((by(&elsewhere), rows(&elsewhere)), (pair("ShelfId", "Size"), vec!["Part"]));
}

#[test]
fn a_delete_stores_nothing_and_takes_failed_ones_too() {
    let deleted = effect("effects: [{ delete: Shelf, with: [Thing] }]");
    assert!(deleted.stores.is_empty());
    assert_eq!(deleted.from, ["Ready", "Open", "Broken"]);
    assert_eq!((deleted.via.as_deref(), deleted.to), (Some("Leaving"), None));
    let many = effect("effects: [{ delete: Thing, many: All, if: { Color: [red, ~], Size: absent } }]");
    assert_eq!(by(&many), pair("ShelfId", "ShelfId"), "the entries of the list are the last key");
    let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let conditions = [("Color".to_owned(), values(&["red", "~"])), ("Size".to_owned(), values(&["~"]))];
    assert_eq!(many.only_if, conditions);
}

#[test]
fn an_effect_is_done_for_each_entry_of_several_lists() {
    let made = effect(
        "effects: [{ create: Thing, many: [All, Part], set: { ThingId: request.Part.N.Name, Color: request.All } }]",
    );
    assert_eq!(made.many, ["All", "Part"]);
    assert_eq!(by(&made), pair("ShelfId", "ShelfId"));
    assert_eq!(rows(&made), ["Size"], "the entries are no fields");
}

#[test]
fn later_effects_store_only_what_they_say() {
    let model = read(&[(
        "DoIt",
        "effects: [{ create: Thing }, { change: Shelf }, { change: Shelf, stores: [Size] }]",
    )]);
    let effects = &behavior(&model.services[0], "DoIt").effects;
    assert!(effects[1].stores.is_empty());
    assert_eq!(rows(&effects[2]), ["Size"]);
}

#[test]
fn what_is_shown_of_others_has_their_key_and_the_names_that_both_have() {
    let model = read(&[("DoIt", "effects: [{ create: Thing }]")]);
    let shown = &model.services[0].kept[0].shown;
    let each = |matching, names: &[&str], take: Option<&str>| {
        let names = names.iter().map(|name| ((*name).to_owned(), (*name).to_owned())).collect();
        Value::Each(Each { resource: "Thing".to_owned(), matching, names, take: take.map(str::to_owned) })
    };
    let both = each(pair("ShelfId", "ShelfId"), &["Color", "ThingId"], None);
    assert_eq!(shown[0], ("Things.Thing".to_owned(), both));
    let one = each(pair("In", "ShelfId"), &[], Some("ThingId"));
    assert_eq!(shown[1], ("ThingIds.ThingId".to_owned(), one));
    let kept = &model.services[0].kept;
    assert_eq!(kept[0].secrets, ["Secret"]);
    let parents = kept[1].parents.iter().map(|parent| (parent.field.as_str(), parent.of.as_str()));
    assert_eq!(parents.collect::<Vec<_>>(), [("ShelfId", "ShelfId"), ("In", "ShelfId")]);
}

#[test]
fn a_listing_filters_by_fields_of_the_name_and_by_keys() {
    let model = read(&[]);
    let read = behavior(&model.services[0], "ListShelves").read.as_ref().expect("it lists");
    assert_eq!((read.resource.as_str(), read.rows.as_deref()), ("Shelf", Some("Shelves.Shelf[]")));
    let filters = read.filters.iter().map(|filter| {
        let by = match &filter.by {
            FilterBy::Field(field) => field.clone(),
            FilterBy::Pairs(known, unknown) => format!("{known:?} {unknown:?}"),
            FilterBy::None(reason) => reason.clone(),
            FilterBy::Unknown => "nothing".to_owned(),
        };
        (filter.row.as_str(), by)
    });
    let expected = [
        ("Why", "It tells why."),
        ("Id", "ShelfId"),
        ("Size", "Size"),
        ("Filter", "[(\"Size\", \"Size\"), (\"Status\", \"Status\")] []"),
    ];
    assert_eq!(filters.collect::<Vec<_>>(), expected.map(|(row, by)| (row, by.to_owned())));
}

#[test]
fn a_row_refers_to_what_it_is_called_after_unless_that_is_made() {
    let writes = [
        ("MakeThing", "effects: [{ create: Thing }]"),
        ("PaintThing", "effects: [{ change: Thing }]\nrefers: { ShelfId: ~, Color: [Shelf, outside] }"),
        ("SizeThing", "effects: [{ create: Thing }]\nrefers: { Size: Shelf.Size }"),
    ];
    let model = read(&writes);
    let named = |name| {
        let references = behavior(&model.services[0], name).references.iter();
        references.map(|one| (one.row.as_str(), one.resources.join(" "), one.outside)).collect::<Vec<_>>()
    };
    assert_eq!(named("MakeThing"), [("ShelfId", "Shelf".to_owned(), false)]);
    let expected = [("ThingId", "Thing".to_owned(), false), ("Color", "Shelf".to_owned(), true)];
    assert_eq!(named("PaintThing"), expected);
    let by = behavior(&model.services[0], "SizeThing").references.iter();
    let by = by.map(|one| (one.row.as_str(), one.by.as_deref())).collect::<Vec<_>>();
    assert_eq!(by, [("ShelfId", None), ("Size", Some("Size"))]);
}
