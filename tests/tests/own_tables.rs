//! A program writes tables of its own by methods, a column each: with them every table of the generator can be
//! written. `calls::things` has whole actions that are made like this.

use std::fmt::Debug;

use cloudnet::dynamic;
use cloudnet::schema::*;
use cloudnet_tests::workspace;
use syn::{Attribute, Fields, Item, Visibility};

#[test]
fn every_service_can_be_written_outside_of_the_crate() {
    for table in dynamic::services() {
        same(table, &service(table));
    }
}

#[test]
fn every_action_can_be_written_outside_of_the_crate() {
    let actions = dynamic::services().flat_map(|service| dynamic::actions(service.name));
    let count = actions.map(|table| same(table, &action(table))).count();
    assert!(count > 150, "{count}");
}

#[test]
fn a_column_or_a_kind_more_breaks_no_program() {
    let text = std::fs::read_to_string(workspace().join("sdk/src/table/schema.rs")).unwrap();
    let mut open = 0;
    for item in syn::parse_file(&text).unwrap().items {
        let (name, visibility, attributes, variants) = match item {
            Item::Struct(one) => (one.ident, one.vis, one.attrs, Vec::new()),
            Item::Enum(one) => (one.ident, one.vis, one.attrs, one.variants.into_iter().collect()),
            _ => continue,
        };
        if matches!(visibility, Visibility::Public(_)) {
            assert!(is_non_exhaustive(&attributes), "{name}");
            open += 1;
        }
        let named = variants.iter().filter(|variant| matches!(variant.fields, Fields::Named(_)));
        named.for_each(|one| assert!(is_non_exhaustive(&one.attrs), "{name}::{}", one.ident));
    }
    assert!(open > 20, "{open}");
}

fn is_non_exhaustive(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("non_exhaustive"))
}

fn same<T: Debug>(generated: &T, written: &T) {
    assert_eq!(format!("{generated:?}"), format!("{written:?}"));
}

fn service(table: &'static Service) -> Service {
    let protocol = match table.protocol {
        Protocol::AwsJson { target, signing_name, .. } => Protocol::aws_json(target, signing_name),
        other => other,
    };
    let mut endpoints = Endpoints::by(table.endpoints.rule).map(table.endpoints.map);
    if let Some(variable) = table.endpoints.variable {
        endpoints = endpoints.variable(variable);
    }
    if let Some(host) = table.endpoints.vpc_network {
        endpoints = endpoints.vpc_network(host);
    }
    if let (Some(host), Some(region)) = (table.endpoints.central, table.endpoints.home_region) {
        endpoints = endpoints.central(host, region);
    }
    let service = Service::new(table.name, table.product, table.version, protocol, endpoints);
    service.title(table.title).errors(codes(table.errors))
}

fn action(table: &'static Action) -> Action {
    let of_effect = match table.effect {
        Effect::Read => Action::read,
        _ => Action::write,
    };
    let mut action = of_effect(table.name, table.section, table.service)
        .status(table.status)
        .method(table.method)
        .serialize_by(table.serialize_by)
        .request(shape(table.request))
        .response(shape(table.response))
        .errors(codes(table.errors))
        .observed(codes(table.observed))
        .resources(table.resources);
    if let Some(token) = table.token {
        action = action.token(token);
    }
    if let Some(DryRun { parameter, passed, .. }) = table.dry_run {
        action = action.dry_run(DryRun::new(parameter, passed));
    }
    if let Some(pages) = table.pagination {
        action = action.pagination(pagination(pages));
    }
    if let Some(table) = table.wait {
        action = action.wait(wait(table));
    }
    if let Some(permission) = table.permission {
        action = action.permission(permission);
    }
    action
}

fn pagination(pages: Pagination) -> Pagination {
    match pages {
        Pagination::Number { page, size, total, items, .. } => Pagination::number(page, size, total, items),
        Pagination::Token { token, size, next, items, .. } => Pagination::token(token, size, next, items),
        _ => panic!("{pages:?} can be written nowhere else"),
    }
}

fn codes(codes: &[ErrorCode]) -> &'static [ErrorCode] {
    kept(codes, |row| ErrorCode::new(row.status, row.code, row.class, row.meaning).gone(row.gone))
}

fn shape(shape: Shape) -> Shape {
    Shape::of(kept(shape.fields, field)).rules(kept(shape.rules, rule))
}

fn field(table: &Field) -> Field {
    let kind = match table.kind {
        Kind::Object(nested) => Kind::Object(kept_one(shape(*nested))),
        Kind::Json(nested) => Kind::Json(kept_one(shape(*nested))),
        Kind::List(&Kind::Object(nested)) => Kind::List(kept_one(Kind::Object(kept_one(shape(*nested))))),
        other => other,
    };
    let limits = kept(table.limits, limit);
    let field = Field::of(table.name, kind).limits(limits).aliases(table.aliases).wrapped(table.wrapped);
    let field = if table.required { field.required() } else { field };
    let field = if table.form { field.form() } else { field };
    if table.secret { field.secret() } else { field }
}

fn limit(limit: &Limit) -> Limit {
    let check = match *limit.check() {
        Check::Cidr { within, not_within, prefix, .. } => Check::cidr(within, not_within, prefix),
        other => other,
    };
    match limit {
        Limit::Documented(_) => Limit::Documented(check),
        Limit::Today(_) => Limit::Today(check),
        Limit::Advised(_) => Limit::Advised(check),
        Limit::AdvisedToday(_) => Limit::AdvisedToday(check),
        Limit::Outdated(_) => Limit::Outdated(check),
        other => *other,
    }
}

fn rule(table: &Rule) -> Rule {
    let kind = match table.kind {
        RuleKind::Requires(condition, names) => RuleKind::Requires(when(condition), names),
        RuleKind::Forbids(condition, names) => RuleKind::Forbids(when(condition), names),
        RuleKind::Values(condition, field, check) => RuleKind::Values(when(condition), field, check),
        RuleKind::Points { from, to, step, max, default_step, .. } => {
            RuleKind::points((from, to), (step, default_step), max)
        }
        other => other,
    };
    let rule = if table.today { Rule::today(kind) } else { Rule::documented(kind) };
    if table.advice { rule.advice() } else { rule }
}

fn when(condition: When) -> When {
    match condition.equals {
        [] => When::present(condition.field),
        values => When::one_of(condition.field, values),
    }
}

fn wait(table: Wait) -> Wait {
    let cases = kept(table.success_if, |case| SuccessIf::new(case.source, case.equals, case.success));
    Wait::of(kept_one(resource(table.resource)), table.until, table.deadline_s)
        .by(table.by)
        .success(table.success)
        .success_if(cases)
        .shows(table.shows)
        .failure(table.failure)
        .appears(table.appears)
        .first_delay_s(table.first_delay_s)
}

fn resource(table: &'static Resource) -> Resource {
    Resource::of(table.name, table.title, table.poll)
        .keys(table.keys)
        .optional_keys(table.optional_keys)
        .ask(table.ask)
        .rows(table.rows)
        .row(table.row)
        .outer_row(table.outer_row)
        .state(table.state)
        .exists(table.exists)
        .states(table.states)
}

/// Tables refer to each other for as long as the program runs.
fn kept<T>(tables: &[T], written: impl Fn(&T) -> T) -> &'static [T] {
    tables.iter().map(written).collect::<Vec<_>>().leak()
}

fn kept_one<T>(table: T) -> &'static T {
    Box::leak(Box::new(table))
}
