//! What a write does: which resource it finds, what it stores, and from which state to which.

use super::Keeping;
use super::fields::{plain, plain_row, top};
use super::values::Scope;
use crate::diagnostic::Location;
use crate::model::kept::{Filled, KeptEffect, Value};
use crate::read::Spanned;
use crate::spec::{ActionSpec, EffectSpec, Operation, ResourceSpec, UntilSpec, ValueSpec};

use super::super::lookup::{check_known, has_row};

/// The common row whose value is in the address of a call.
pub(super) const REGION: &str = "RegionId";

impl Keeping<'_> {
    pub(super) fn effects(&self, action: &ActionSpec) -> Vec<KeptEffect> {
        let effects = action.effects.iter().enumerate();
        let lower = |(index, effect): (usize, &EffectSpec)| {
            let resource = self.known(&effect.resource, "effects")?;
            Some(Lowering { keeping: self, action, effect, resource, is_first: index == 0 }.effect())
        };
        effects.filter_map(lower).collect()
    }
}

struct Lowering<'a> {
    keeping: &'a Keeping<'a>,
    action: &'a ActionSpec,
    effect: &'a EffectSpec,
    resource: &'a ResourceSpec,
    is_first: bool,
}

impl Lowering<'_> {
    fn effect(&self) -> KeptEffect {
        let (spec, resource, keeping) = (self.effect, self.resource, self.keeping);
        let scope = Scope { resource: Some(resource), action: Some(self.action) };
        let by = self.by(scope);
        let set = keeping.filled(&spec.set, "set", resource, scope);
        self.check_states();
        for (row, _) in &spec.only_if {
            keeping.check_row(row, "if", self.action);
        }
        for many in &spec.many {
            keeping.check_row(many, "many", self.action);
        }
        for child in &spec.with {
            let lies_here = |one: &&ResourceSpec| {
                one.parents.iter().any(|parent| parent.resource.value == resource.name.value)
            };
            let children = keeping.service.resources.iter().filter(lies_here);
            let help = "Name a resource that lies in this one.";
            check_known(child, "with", children.map(|one| one.name.as_str()), help, keeping.diagnostics);
        }
        let to = self.to();
        KeptEffect {
            operation: match spec.operation {
                Operation::Create => "create",
                Operation::Change => "change",
                Operation::Delete => "delete",
            },
            resource: resource.name.value.clone(),
            stores: self.stores(&by),
            by,
            set,
            clear: keeping.known_fields(&spec.clear, "clear", resource),
            from: self.from(),
            via: self.via(to.is_some()),
            to,
            only_if: spec.only_if.iter().map(|(row, values)| (plain_row(row), values.clone())).collect(),
            many: spec.many.iter().map(|many| plain_row(many)).collect(),
            optional: spec.optional,
            with: spec.with.iter().map(|child| child.value.clone()).collect(),
        }
    }

    /// What finds the resource; of a create, the keys that the request gives.
    fn by(&self, scope: Scope<'_>) -> Vec<Filled> {
        let (keeping, spec) = (self.keeping, self.effect);
        for (field, _) in &spec.by {
            keeping.check_field(field, "by", self.resource);
        }
        if !spec.by.is_empty() {
            return keeping.filled(&spec.by, "by", self.resource, scope);
        }
        let last = self.resource.keys.last().map(|key| &key.value);
        let is_set = |key: &str| spec.set.iter().any(|(field, _)| field.value == key);
        let of_key = |key: &Spanned<String>| {
            if !spec.many.is_empty() && Some(&key.value) == last || is_set(&key.value) {
                return None;
            }
            let row = has_row(&self.action.request, key).then(|| key.value.clone());
            let row = row.or_else(|| self.waited_by(key).filter(|_| spec.operation != Operation::Create));
            Some((key.value.clone(), Value::Request(row?)))
        };
        let by: Vec<Filled> = self.resource.all_keys().filter_map(of_key).collect();
        if by.is_empty() && spec.many.is_empty() && spec.operation != Operation::Create {
            let message = format!("nothing says which `{}` it is", self.resource.name.value);
            let help = "Say in `by` where its keys come from.";
            keeping.diagnostics.error("unnamed-resource", spec.location, message, help);
        }
        by
    }

    /// The row from which the wait for the same resource has a key.
    fn waited_by(&self, key: &str) -> Option<String> {
        let wait = self.wait()?;
        let (_, sources) = wait.by.iter().find(|(name, _)| name.value == key)?;
        let rows = sources.iter().filter_map(|source| source.strip_prefix("request."));
        rows.map(plain_row).next()
    }

    /// The wait of the action, if it is for the same resource.
    fn wait(&self) -> Option<&crate::spec::WaitSpec> {
        let is_same = |name: &Spanned<String>| name.value == self.resource.name.value;
        self.action.wait.as_ref().filter(|wait| wait.resource.as_ref().is_some_and(is_same))
    }

    fn check_states(&self) {
        let spec = self.effect;
        let known = || self.resource.states.all().map(|state| state.value.as_str());
        let help = "Name one of the resource's states, or add it there.";
        for state in spec.from.iter().flatten() {
            check_known(state, "from", known(), help, self.keeping.diagnostics);
        }
        for (state, key) in [(&spec.via, "via"), (&spec.to, "to")] {
            if let Some(state) = state {
                check_known(state, key, known(), help, self.keeping.diagnostics);
            }
        }
        for (state, _) in &self.action.refuses.state {
            // One code may stand for states of another resource that the action is about.
            let all = self.action.effects.iter().filter_map(|effect| self.keeping.find(&effect.resource));
            let mut all = all.flat_map(|resource| resource.states.all());
            if !state.is_empty() && self.is_first && all.all(|known| known.value != state.value) {
                check_known(state, "refuses", known(), help, self.keeping.diagnostics);
            }
        }
    }

    fn from(&self) -> Vec<String> {
        let states = &self.resource.states;
        let texts = |states: &[Spanned<String>]| -> Vec<String> {
            states.iter().map(|state| state.value.clone()).collect()
        };
        match (&self.effect.from, self.effect.operation) {
            (Some(given), _) => texts(given),
            (None, Operation::Create) => Vec::new(),
            (None, Operation::Change) => texts(&states.settled),
            (None, Operation::Delete) => [texts(&states.settled), texts(&states.failed)].concat(),
        }
    }

    fn to(&self) -> Option<String> {
        let states = &self.resource.states;
        let goal = || match &self.wait()?.until {
            UntilSpec::States(goal) => {
                goal.iter().find(|goal| states.all().any(|state| state.value == goal.value))
            }
            UntilSpec::Gone | UntilSpec::Present => None,
        };
        let to = match (&self.effect.to, self.effect.operation) {
            (Some(given), _) => Some(given),
            (None, Operation::Create) => goal().or_else(|| states.settled.first()),
            (None, Operation::Change) => goal().filter(|_| self.has_one_goal()),
            (None, Operation::Delete) => None,
        };
        to.map(|state| state.value.clone())
    }

    /// Whether the wait has a single state as its goal: of several, a change leaves the one that there was.
    fn has_one_goal(&self) -> bool {
        self.wait().is_some_and(|wait| matches!(&wait.until, UntilSpec::States(goal) if goal.len() == 1))
    }

    fn via(&self, has_goal: bool) -> Option<String> {
        let states = &self.resource.states;
        let via = match (&self.effect.via, self.effect.operation) {
            (Some(given), _) => Some(given),
            (None, Operation::Delete) => states.leaving.first(),
            (None, _) => states.passing.first().filter(|_| has_goal),
        };
        via.map(|state| state.value.clone())
    }

    /// The rows that are stored under their own names, but for those that a `set` takes.
    fn stores(&self, by: &[Filled]) -> Vec<(String, String)> {
        let (spec, action) = (self.effect, self.action);
        for row in spec.stores.iter().flatten() {
            self.keeping.check_row(row, "stores", action);
        }
        let is_taken = |row: &str| {
            spec.set.iter().any(|(field, value)| {
                let takes =
                    matches!(&value.value, ValueSpec::Request(taken) if top(&plain_row(taken)) == row);
                takes || plain(field) == row
            })
        };
        let rows: Vec<String> = match &spec.stores {
            Some(given) => given.iter().map(|row| top(&plain_row(row)).to_owned()).collect(),
            None if self.is_first && spec.operation != Operation::Delete => self.storable(by),
            None => Vec::new(),
        };
        rows.into_iter().filter(|row| !is_taken(row)).map(|row| (row.clone(), row)).collect()
    }

    /// All rows that say something of the resource itself.
    fn storable(&self, by: &[Filled]) -> Vec<String> {
        let (spec, action) = (self.effect, self.action);
        let is_key = |row: &str| self.resource.keys.iter().any(|key| key.value == row);
        let finds = |row: &str| by.iter().any(|(_, value)| *value == Value::Request(row.to_owned()));
        let is_many = |row: &str| spec.many.iter().any(|many| top(&plain_row(many)) == row);
        let mut rows: Vec<String> = Vec::new();
        for row in &action.request {
            let row = top(&plain_row(&row.path)).to_owned();
            let is_other = is_of_call(action, &row) || is_key(&row) || finds(&row) || is_many(&row);
            if !is_other && !rows.contains(&row) {
                rows.push(row);
            }
        }
        rows
    }
}

/// Whether a row is about the call and not about what it does: region, token, page, dry run.
pub(super) fn is_of_call(action: &ActionSpec, row: &str) -> bool {
    let pages = action.pagination.iter().flat_map(|pages| pages.size.iter().chain([&pages.position]));
    let dry_run = action.dry_run.iter().map(|dry_run| &dry_run.parameter);
    let mut others = pages.chain(dry_run).chain(&action.idempotency);
    row == REGION || others.any(|other| other.value == row)
}

impl Keeping<'_> {
    /// A report of a read that does not say which resource it shows.
    pub(super) fn unnamed(&self, resource: &ResourceSpec, location: Location) {
        let message = format!("nothing says which `{}` it shows", resource.name.value);
        let help = "Say in `by` where its keys come from.";
        self.diagnostics.error("unnamed-resource", location, message, help);
    }
}
