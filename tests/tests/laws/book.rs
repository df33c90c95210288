//! What the specs say of resources and of what actions do to them, read without what the emulator is made from.

use std::collections::BTreeSet;

use cloudnet_codegen::facts::{Effect, ErrorCode, Status};
use cloudnet_codegen::model::{Action, Field, Service, Shape, Type};
use cloudnet_codegen::spec::{
    EffectSpec, FilterSpec, FinderSpec, Operation, ResourceSpec, RowSpec, TypeName, ValueSpec,
};
use cloudnet_tests::server::catalog;

pub(crate) use catalog::actions;

/// A kind of resource, and its service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) service: &'static Service,
    pub(crate) spec: &'static ResourceSpec,
}

/// An action, and its service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deed {
    pub(crate) service: &'static Service,
    pub(crate) action: &'static Action,
}

/// An effect of an action.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Does {
    pub(crate) deed: Deed,
    pub(crate) effect: &'static EffectSpec,
    /// Which of its effects it is.
    pub(crate) index: usize,
}

/// An action that tells of resources.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub(crate) deed: Deed,
    /// Path of the rows; none if it shows one.
    pub(crate) rows: Option<String>,
    /// Row of the request, and the field of the resource that it gets, or `literal.` and a text.
    pub(crate) ask: Vec<(String, String)>,
    /// Field of the row, and the field of the resource that it equals.
    pub(crate) tells: Vec<(String, String)>,
}

/// A row that names resources.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) row: String,
    pub(crate) kinds: Vec<Kind>,
    /// The field that it names them by, where that is not their last key.
    pub(crate) by: Option<&'static str>,
    pub(crate) outside: bool,
}

/// All kinds.
pub(crate) fn kinds() -> impl Iterator<Item = Kind> {
    let services = catalog::model().services.iter();
    services.flat_map(|service| service.spec.resources.iter().map(move |spec| Kind { service, spec }))
}

/// All actions.
pub(crate) fn deeds() -> impl Iterator<Item = Deed> {
    actions().map(|(service, action)| Deed { service, action })
}

/// All effects.
pub(crate) fn effects() -> impl Iterator<Item = Does> {
    deeds().flat_map(Deed::effects)
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.service.name == other.service.name && self.name() == other.name()
    }
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        &self.spec.name.value
    }

    pub(crate) fn of(service: &'static Service, name: &str) -> Option<Self> {
        let spec = service.spec.resources.iter().find(|spec| spec.name.value == name)?;
        Some(Self { service, spec })
    }

    pub(crate) fn last_key(self) -> &'static str {
        self.spec.keys.last().map_or("", |key| key.value.as_str())
    }

    /// All its keys.
    pub(crate) fn keys(self) -> impl Iterator<Item = &'static str> {
        self.spec.keys.iter().chain(&self.spec.optional_keys).map(|key| key.value.as_str())
    }

    /// The effects that make one, the plainest first.
    pub(crate) fn makers(self) -> Vec<Does> {
        let mut makers: Vec<Does> = effects()
            .filter(|does| does.kind() == Some(self) && does.effect.operation == Operation::Create)
            .collect();
        makers
            .sort_by_key(|does| (does.deed.is_deprecated(), does.index > 0, !does.effect.only_if.is_empty()));
        makers
    }

    /// Kinds that come with one of this kind.
    pub(crate) fn bringers(self) -> impl Iterator<Item = Self> {
        let brings = move |other: &Self| {
            let same = other.service.name == self.service.name;
            same && other.spec.brings.iter().any(|brought| brought.resource.value == self.name())
        };
        kinds().filter(brings)
    }

    /// Field of the state.
    pub(crate) fn state_field(self) -> Option<&'static str> {
        let finders = [&self.spec.list, &self.spec.show].into_iter().flatten();
        finders.filter_map(|finder| finder.state.as_ref()).map(|state| state.value.as_str()).next()
    }

    /// Whether the rows of a listing are of this kind, not of another one that is shown with it.
    pub(crate) fn is_listed_by(self, reader: &Reader) -> bool {
        let is_of = |kind: &Kind| {
            let list = kind.spec.list.as_ref();
            list.is_some_and(|list| {
                list.action.value == reader.deed.name()
                    && list.rows.as_ref().map(|rows| rows.value.to_string()) == reader.rows
            })
        };
        let pages = reader.deed.action.spec.pagination.as_ref();
        let is_page = pages.is_none_or(|pages| Some(pages.items.value.to_string()) == reader.rows);
        let mut others = kinds().filter(|kind| kind.service.name == self.service.name && is_of(kind));
        is_page && others.all(|kind| kind == self || kind.spec.keys.len() > self.spec.keys.len())
    }

    /// All actions that tell of it.
    pub(crate) fn readers(self) -> Vec<Reader> {
        let own = |finder: &'static Option<FinderSpec>| {
            let finder = finder.as_ref()?;
            let deed = Deed::of(self.service, &finder.action.value)?;
            let pairs = |pairs: &'static [(_, _)]| -> Vec<(String, String)> {
                let texts = |(one, other): &(
                    cloudnet_codegen::read::Spanned<String>,
                    cloudnet_codegen::read::Spanned<String>,
                )| (one.value.clone(), other.value.clone());
                pairs.iter().map(texts).collect()
            };
            Some(Reader {
                deed,
                rows: finder.rows.as_ref().map(|rows| rows.value.to_string()),
                ask: pairs(&finder.ask),
                tells: pairs(&finder.row)
                    .into_iter()
                    .map(|(field, key)| (field.replace("[]", ""), key))
                    .collect(),
            })
        };
        let mut readers: Vec<Reader> =
            [own(&self.spec.list), own(&self.spec.show)].into_iter().flatten().collect();
        for deed in deeds().filter(|deed| deed.service.name == self.service.name) {
            let Some(reads) =
                deed.action.spec.reads.as_ref().filter(|reads| reads.resource.value == self.name())
            else {
                continue;
            };
            if readers.iter().any(|reader| reader.deed.name() == deed.name()) {
                continue;
            }
            let rows = reads.rows.as_ref().map(|rows| rows.value.to_string());
            let items = || deed.action.spec.pagination.as_ref().map(|pages| pages.items.value.to_string());
            let rows = if reads.is_list { rows.or_else(items) } else { None };
            let asked = reads.by.iter().filter_map(|(key, value)| match &value.value {
                ValueSpec::Request(row) => Some((row.clone(), key.value.clone())),
                _ => None,
            });
            let mut ask: Vec<(String, String)> = asked.collect();
            if ask.is_empty() {
                let keys = self.keys().filter(|key| deed.row(key).is_some());
                ask.extend(keys.map(|key| (key.to_owned(), key.to_owned())));
            }
            let fields = deed.fields(rows.as_deref());
            let tells = self.keys().filter(|key| fields.contains(*key));
            let tells = tells.map(|key| (key.to_owned(), key.to_owned())).collect();
            readers.push(Reader { deed, rows, ask, tells });
        }
        readers
    }
}

impl Deed {
    pub(crate) fn of(service: &'static Service, name: &str) -> Option<Self> {
        let action = service.actions.iter().find(|action| action.spec.name.value == name)?;
        Some(Self { service, action })
    }

    pub(crate) fn name(self) -> &'static str {
        &self.action.spec.name.value
    }

    pub(crate) fn is_write(self) -> bool {
        self.action.spec.effect == Effect::Write
    }

    pub(crate) fn is_deprecated(self) -> bool {
        self.action.spec.status != Status::Active
    }

    pub(crate) fn effects(self) -> impl Iterator<Item = Does> {
        self.action.spec.effects.iter().enumerate().map(move |(index, effect)| Does {
            deed: self,
            effect,
            index,
        })
    }

    /// A row of the request.
    pub(crate) fn row(self, path: &str) -> Option<&'static RowSpec> {
        self.action.spec.request.iter().find(|row| row_path(row) == path)
    }

    /// The field of a row that is no part of another one.
    pub(crate) fn field(self, name: &str) -> Option<&'static Field> {
        self.action.request.fields.iter().find(|field| field.name == name)
    }

    /// The fields of the rows at a path of the answer, or of the answer itself.
    pub(crate) fn fields(self, rows: Option<&str>) -> BTreeSet<String> {
        let prefix = rows.map(|rows| format!("{rows}.")).unwrap_or_default();
        let paths = self.action.spec.response.iter().map(|row| row.path.value.to_string());
        let own = paths.filter_map(|path| Some(path.strip_prefix(&prefix)?.replace("[]", "")));
        own.collect()
    }

    /// The rows that name what there must be.
    pub(crate) fn references(self) -> Vec<Reference> {
        let made: Vec<&str> = self
            .effects()
            .filter(|does| does.effect.operation == Operation::Create)
            .map(|does| does.effect.resource.value.as_str())
            .collect();
        let mut found = Vec::new();
        for row in &self.action.spec.request {
            let path = row_path(row);
            let said = self.action.spec.refers.iter().find(|said| without_index(&said.row.value) == path);
            if let Some(said) = said {
                let named = said.resources.iter();
                let kinds: Vec<Kind> = named.filter_map(|name| Kind::of(self.service, &name.value)).collect();
                if !kinds.is_empty() || said.outside {
                    let by = said.by.as_ref().map(|by| by.value.as_str());
                    found.push(Reference { row: path, kinds, by, outside: said.outside });
                }
                continue;
            }
            let is_id = |kind: &Kind| kind.spec.keys.len() == 1 || kind.spec.prefix.is_some();
            let is_named = |kind: &Kind| {
                kind.service.name == self.service.name
                    && kind.last_key() == path
                    && !made.contains(&kind.name())
            };
            let named: Vec<Kind> = kinds().filter(|kind| is_named(kind) && is_id(kind)).collect();
            if !named.is_empty() {
                found.push(Reference { row: path, kinds: named, by: None, outside: false });
            }
        }
        found
    }

    /// Codes of the action's own table, and of what was met in practice.
    pub(crate) fn codes(self) -> impl Iterator<Item = &'static ErrorCode> {
        self.action.spec.errors.iter().chain(&self.action.spec.observed)
    }

    /// Codes of a class in the action's own table.
    pub(crate) fn codes_of(self, class: &str) -> Vec<&'static str> {
        self.codes().filter(|row| row.class == class).map(|row| row.code.value.as_str()).collect()
    }

    /// Rows that are about how the call is made, not about what it does.
    pub(crate) fn is_of_the_call(self, row: &str) -> bool {
        let facts = &self.action.spec;
        let is = |name: &Option<cloudnet_codegen::read::Spanned<String>>| {
            name.as_ref().is_some_and(|name| name.value == row)
        };
        let paged =
            |pages: &cloudnet_codegen::facts::Pagination| pages.position.value == row || is(&pages.size);
        row == "RegionId"
            || is(&facts.idempotency)
            || facts.dry_run.as_ref().is_some_and(|dry| dry.parameter.value == row)
            || facts.pagination.as_ref().is_some_and(paged)
    }
}

impl Does {
    pub(crate) fn kind(self) -> Option<Kind> {
        Kind::of(self.deed.service, &self.effect.resource.value)
    }

    /// What finds it: its field, and the row of the request that has the value.
    pub(crate) fn by(self) -> Vec<(String, String)> {
        if !self.effect.by.is_empty() {
            let asked = self.effect.by.iter().filter_map(|(key, value)| match &value.value {
                ValueSpec::Request(row) => Some((key.value.clone(), row.clone())),
                _ => None,
            });
            return asked.collect();
        }
        let Some(kind) = self.kind() else { return Vec::new() };
        let is_required = |key: &str| self.deed.field(key).is_some_and(|field| field.required);
        let keys = kind.spec.keys.iter().map(|key| key.value.as_str());
        let others = kind.spec.optional_keys.iter().map(|key| key.value.as_str()).enumerate();
        // Of those that may be left out the first is enough.
        let others = others.filter(|(index, key)| *index == 0 || is_required(key)).map(|(_, key)| key);
        let keys = keys.chain(others).filter(|key| self.deed.row(key).is_some());
        let keys: Vec<_> = keys.map(|key| (key.to_owned(), key.to_owned())).collect();
        if !keys.is_empty() {
            return keys;
        }
        let wait = self.deed.action.spec.wait.as_ref();
        let wait = wait.filter(|wait| wait.resource.as_ref().is_some_and(|name| name.value == kind.name()));
        let by = wait.into_iter().flat_map(|wait| &wait.by);
        let asked = by.filter_map(|(key, sources)| {
            let row = sources.iter().find_map(|source| source.value.strip_prefix("request."))?;
            Some((key.value.clone(), row.to_owned()))
        });
        asked.collect()
    }

    /// Rows that it stores, each with its field: as the dialect's page says.
    pub(crate) fn stores(self) -> Vec<(String, String)> {
        let keys: Vec<String> = self.by().into_iter().map(|(_, row)| row).collect();
        let is_stored = |row: &String| match &self.effect.stores {
            Some(stored) => stored.iter().any(|stored| without_index(&stored.value) == *row),
            None => {
                self.index == 0
                    && !self.deed.is_of_the_call(row)
                    && (self.effect.operation == Operation::Create || !keys.contains(row))
            }
        };
        let rows = self.deed.action.spec.request.iter().map(row_path);
        let mut stored: Vec<(String, String)> =
            rows.filter(is_stored).map(|row| (row.clone(), row)).collect();
        for (field, value) in &self.effect.set {
            if let ValueSpec::Request(row) = &value.value {
                let row = without_index(row);
                let below = format!("{row}.");
                stored
                    .retain(|(other, to)| *to != field.value && *other != row && !other.starts_with(&below));
                stored.push((row, field.value.clone()));
            }
        }
        let set_otherwise = |field: &str| {
            let is_set =
                |(name, value): &&(
                    cloudnet_codegen::read::Spanned<String>,
                    cloudnet_codegen::read::Spanned<ValueSpec>,
                )| { name.value == field && !matches!(value.value, ValueSpec::Request(_)) };
            self.effect.set.iter().any(|set| is_set(&set))
        };
        // What an effect hangs on is told by the effect.
        let chooses =
            |row: &str| self.effect.only_if.iter().any(|(name, _)| without_index(&name.value) == row);
        stored.retain(|(row, field)| !set_otherwise(field) && !chooses(row));
        stored
    }
}

impl Reader {
    /// Whether a field of its rows is a number.
    pub(crate) fn is_number(&self, field: &str) -> bool {
        let prefix = self.rows.as_ref().map(|rows| format!("{rows}.")).unwrap_or_default();
        let rows = self.deed.action.spec.response.iter();
        let mut rows = rows.filter(|row| {
            row.path.value.strip_prefix(&prefix).is_some_and(|path| path.replace("[]", "") == field)
        });
        rows.next()
            .is_some_and(|row| matches!(row.ty.value, TypeName::Integer | TypeName::Long | TypeName::Double))
    }

    pub(crate) fn fields(&self) -> BTreeSet<String> {
        self.deed.fields(self.rows.as_deref())
    }
}

/// What a row of a listing filters by, if the specs say so or a field of the rows has its name.
pub(crate) enum Filtered {
    Field(String),
    Pairs(Vec<(String, String)>),
    Nothing,
}

pub(crate) fn filter(deed: Deed, row: &str, fields: &BTreeSet<String>) -> Option<Filtered> {
    let said = deed.action.spec.filters.iter().find(|(name, _)| without_index(&name.value) == row);
    match said.map(|(_, said)| said) {
        Some(FilterSpec::Field(field)) => Some(Filtered::Field(field.value.clone())),
        Some(FilterSpec::Pairs(pairs)) => {
            let pairs = pairs.iter().map(|(key, field)| (key.value.clone(), field.value.clone()));
            Some(Filtered::Pairs(pairs.collect()))
        }
        Some(FilterSpec::None(_)) => Some(Filtered::Nothing),
        None if fields.contains(row) => Some(Filtered::Field(row.to_owned())),
        None => None,
    }
}

/// A row by its path, without indexes.
pub(crate) fn row_path(row: &RowSpec) -> String {
    without_index(&row.path.value)
}

pub(crate) fn without_index(path: &str) -> String {
    let names = path.split('.').filter(|part| !matches!(*part, "N" | "M" | "L" | "K"));
    names.collect::<Vec<_>>().join(".")
}

/// The field at a path of a request, and whether it lies within lists.
pub(crate) fn field_at<'a>(shape: &'a Shape, path: &str) -> Option<&'a Field> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let field = shape.fields.iter().find(|field| field.name == name)?;
    match rest {
        None => Some(field),
        Some(rest) => field_at(nested(&field.ty)?, rest),
    }
}

fn nested(ty: &Type) -> Option<&Shape> {
    match ty {
        Type::Struct(inner) | Type::Json(inner) => Some(&inner.shape),
        Type::List(entry) => nested(entry),
        _ => None,
    }
}
