//! What the generator knows about an action, as static data.
//!
//! Validation, encoding, decoding, retry and the dynamic calls all read these tables; generated
//! code contains nothing else but the structs and their setters.
//!
//! A program can have tables of its own, for actions that the documents lack. Since columns are added over time,
//! it does not write them as literals: each table begins with what it cannot be without, in a function that runs
//! at compile time, and a method a column adds what it says beyond that. An action is then an
//! [`Operation`](crate::Operation) of such a table, and a [`Record`](crate::record::Record) of its parameters.
//!
//! ```
//! use cloudnet::schema::{
//!     Action, Check, Endpoints, ErrorClass, ErrorCode, Field, Limit, Protocol, Service, Shape,
//! };
//!
//! static SERVICE: Service =
//!     Service::new("cen", "Cbn", "2017-09-12", Protocol::AcsRpc, Endpoints::by("cbn.{region}.aliyuncs.com"));
//!
//! static CREATE_CEN: Action = Action::write("CreateCen", "1.1", &SERVICE)
//!     .token("ClientToken")
//!     .request(Shape::of(&[
//!         Field::text("Name").limits(&[Limit::Documented(Check::Length(1, 128))]),
//!         Field::text("ClientToken"),
//!     ]))
//!     .response(Shape::of(&[Field::text("CenId"), Field::text("RequestId")]))
//!     .errors(&[ErrorCode::new(400, "OperationConflict", ErrorClass::Busy, "Another operation is in progress.")]);
//! assert_eq!(CREATE_CEN.token, Some("ClientToken"));
//! ```

mod columns;

use std::fmt;

/// The words of generated tables: types, and variants that are no other's.
pub(crate) mod words {
    pub(crate) use super::{Check::*, ErrorClass::*, Limit::*, RuleKind::*, Source::*, *};
}

/// One service: everything its actions share.
#[derive(Debug)]
#[non_exhaustive]
pub struct Service {
    /// Name of the module, and of the service in messages: `vpc`.
    pub name: &'static str,
    /// Human title.
    pub title: &'static str,
    /// Product name on the wire: `Vpc`.
    pub product: &'static str,
    /// API version on the wire: `2016-04-28`.
    pub version: &'static str,
    /// How requests and responses travel.
    pub protocol: Protocol,
    /// Where the service is.
    pub endpoints: Endpoints,
    /// Codes that every action may return.
    pub errors: &'static [ErrorCode],
}

/// How requests and responses of a service travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// Alibaba Cloud RPC style: parameters flattened into the query or a form.
    AcsRpc,
    /// AWS JSON 1.1: one JSON object in the body.
    #[non_exhaustive]
    AwsJson {
        /// Prefix of `X-Amz-Target`.
        target: &'static str,
        /// Service name in the credential scope.
        signing_name: &'static str,
    },
}

/// Where a service is. `{region}` is the only placeholder of a rule.
#[derive(Debug)]
#[non_exhaustive]
pub struct Endpoints {
    /// Environment variable that names the endpoint instead, if the service has one of its own.
    pub variable: Option<&'static str>,
    /// Host by region.
    pub rule: &'static str,
    /// Host by region for callers inside a VPC.
    pub vpc_network: Option<&'static str>,
    /// The one host of a service that has no regional ones.
    pub central: Option<&'static str>,
    /// The region of the central host: what calls are signed for, and their `RegionId` where the
    /// caller gives none, whichever region the client is for.
    pub home_region: Option<&'static str>,
    /// Regions that the rule does not fit.
    pub map: &'static [(&'static str, &'static str)],
}

impl Endpoints {
    /// A host for each region, and nothing else.
    #[must_use]
    pub const fn by(rule: &'static str) -> Self {
        Self { variable: None, rule, vpc_network: None, central: None, home_region: None, map: &[] }
    }
}

/// One action of a service.
#[derive(Debug)]
#[non_exhaustive]
pub struct Action {
    /// Wire name.
    pub name: &'static str,
    /// Section of the document that describes it; empty where none does.
    pub section: &'static str,
    /// The service it belongs to.
    pub service: &'static Service,
    /// Whether a call changes anything.
    pub effect: Effect,
    /// Whether the action should still be used.
    pub status: Status,
    /// Verb of the HTTP request.
    pub method: Method,
    /// Wire name of the parameter that carries the idempotency token.
    pub token: Option<&'static str>,
    /// How the action is tried without effect.
    pub dry_run: Option<DryRun>,
    /// Calls with equal values of these parameters must not run at the same time.
    pub serialize_by: &'static [&'static str],
    /// How results are divided into pages.
    pub pagination: Option<Pagination>,
    /// Parameters, in the order of the struct's fields.
    pub request: Shape,
    /// Response fields, in the order of the struct's fields.
    pub response: Shape,
    /// The action's own error table.
    pub errors: &'static [ErrorCode],
    /// Codes met in practice that the table lacks.
    pub observed: &'static [ErrorCode],
    /// How to see that the call has taken effect.
    pub wait: Option<Wait>,
    /// RAM action name, where the document prints it.
    pub permission: Option<&'static str>,
    /// ARN patterns or types of the resources that a policy for this action names.
    pub resources: &'static [&'static str],
}

impl Action {
    /// An action that changes nothing: `POST`, in use, with nothing else to say of it.
    #[must_use]
    pub const fn read(name: &'static str, section: &'static str, service: &'static Service) -> Self {
        Self {
            name,
            section,
            service,
            effect: Effect::Read,
            status: Status::Active,
            method: Method::Post,
            token: None,
            dry_run: None,
            serialize_by: &[],
            pagination: None,
            request: Shape::of(&[]),
            response: Shape::of(&[]),
            errors: &[],
            observed: &[],
            wait: None,
            permission: None,
            resources: &[],
        }
    }

    /// The same of an action that changes something.
    #[must_use]
    pub const fn write(name: &'static str, section: &'static str, service: &'static Service) -> Self {
        Self { effect: Effect::Write, ..Self::read(name, section, service) }
    }
}

/// Whether a call changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Nothing changes; may be sent again at any time.
    Read,
    /// Something changes.
    Write,
}

/// Whether an action should still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// In use.
    Active,
    /// Works, but has a successor.
    Deprecated,
    /// Documented, but no longer known to the vendor's published clients.
    Retired,
}

/// Verb of an HTTP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
}

/// How an action is tried without effect.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DryRun {
    /// Wire name of the boolean parameter.
    pub parameter: &'static str,
    /// The error code that means the call would have succeeded; none where that is answered like a call that was done.
    pub passed: Option<&'static str>,
}

/// How results are divided into pages.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Pagination<T = &'static str> {
    /// Pages have numbers from 1.
    #[non_exhaustive]
    Number {
        /// Request parameter: the page.
        page: T,
        /// Request parameter: entries per page.
        size: T,
        /// Response field: entries in all.
        total: T,
        /// Response path of the entries.
        items: T,
    },
    /// Each page names the next one.
    #[non_exhaustive]
    Token {
        /// Request parameter: the page to return.
        token: T,
        /// Request parameter: entries per page.
        size: T,
        /// Response field: the next page.
        next: T,
        /// Response path of the entries.
        items: T,
    },
}

impl<'a> Pagination<&'a str> {
    /// Response path of the entries.
    pub(crate) fn items(&self) -> &'a str {
        match self {
            Self::Number { items, .. } | Self::Token { items, .. } => items,
        }
    }

    /// Request parameter: entries per page.
    pub(crate) fn size(&self) -> &'a str {
        match self {
            Self::Number { size, .. } | Self::Token { size, .. } => size,
        }
    }
}

impl<T> Pagination<T> {
    /// The same, with each name in another form.
    pub(crate) fn map<'t, U>(&'t self, form: impl Fn(&'t T) -> U) -> Pagination<U> {
        match self {
            Self::Number { page, size, total, items } => Pagination::Number {
                page: form(page),
                size: form(size),
                total: form(total),
                items: form(items),
            },
            Self::Token { token, size, next, items } => Pagination::Token {
                token: form(token),
                size: form(size),
                next: form(next),
                items: form(items),
            },
        }
    }
}

/// Fields of a struct and the rules that hold across them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Shape {
    /// In the order in which [`Record::fields`](crate::record::Record::fields) lists them.
    pub fields: &'static [Field],
    /// Checked for every value of the shape.
    pub rules: &'static [Rule],
}

/// One field of a [`Shape`]. Limits of a list's entries stand on the list.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Field {
    /// Wire name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether a request without it is refused.
    pub required: bool,
    /// What a value must satisfy.
    pub limits: &'static [Limit],
    /// Whether the wire carries it in the form body instead of the query.
    pub form: bool,
    /// Whether it, or each entry of the list, is a password, key or token: never printed.
    pub secret: bool,
    /// Other spellings accepted in a response.
    pub aliases: &'static [&'static str],
    /// Name of the list inside a wrapper object: `Vpc` in `Vpcs.Vpc[]`; empty without a wrapper.
    pub wrapped: &'static str,
}

impl Field {
    /// An optional string without limits.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self::of(name, Kind::Text)
    }

    /// An optional whole number without limits.
    #[must_use]
    pub const fn integer(name: &'static str) -> Self {
        Self::of(name, Kind::Integer)
    }

    /// An optional boolean.
    #[must_use]
    pub const fn boolean(name: &'static str) -> Self {
        Self::of(name, Kind::Boolean)
    }

    /// An optional field of any kind, without limits.
    #[must_use]
    pub const fn of(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: false,
            limits: &[],
            form: false,
            secret: false,
            aliases: &[],
            wrapped: "",
        }
    }

    /// The field, required.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The field with limits.
    #[must_use]
    pub const fn limits(mut self, limits: &'static [Limit]) -> Self {
        self.limits = limits;
        self
    }

    /// The field, carried in the form body.
    #[must_use]
    pub const fn form(mut self) -> Self {
        self.form = true;
        self
    }

    /// The field, never printed.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The field under further spellings.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// The list inside a wrapper object.
    #[must_use]
    pub const fn wrapped(mut self, wrapped: &'static str) -> Self {
        self.wrapped = wrapped;
        self
    }
}

impl Shape {
    /// Fields without rules across them.
    #[must_use]
    pub const fn of(fields: &'static [Field]) -> Self {
        Self { fields, rules: &[] }
    }

    /// The shape with rules.
    #[must_use]
    pub const fn rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    /// The field that goes by a name, or by another spelling of it.
    pub(crate) fn member(&self, name: &str) -> Option<&'static Field> {
        let named = self.fields.iter().find(|field| field.name == name);
        named.or_else(|| self.fields.iter().find(|field| field.aliases.contains(&name)))
    }

    /// The field at a wire path, which may have indexes: `IkeConfig.Psk`, `NextHopList.1.NextHopId`.
    pub(crate) fn at(&self, path: &str) -> Option<&'static Field> {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let field = self.member(name)?;
        let is_index = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let rest = match rest.split_once('.') {
            Some((index, rest)) if is_index(index) => rest,
            None if is_index(rest) => "",
            _ => rest,
        };
        if rest.is_empty() { Some(field) } else { field.kind.shape()?.at(rest) }
    }
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// A string.
    Text,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Double,
    /// `true` or `false`.
    Boolean,
    /// Nested fields.
    Object(&'static Shape),
    /// Nested fields that travel as one JSON string.
    Json(&'static Shape),
    /// Entries of one kind.
    List(&'static Kind),
}

/// What a value must satisfy, and who says so.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Limit {
    /// The document says so, and the service says nothing else today.
    Documented(Check),
    /// The service says so today.
    Today(Check),
    /// The document says so, and the service may accept more: nothing is refused.
    Advised(Check),
    /// The service says so today, and may accept more: nothing is refused.
    AdvisedToday(Check),
    /// The document says so, and the service says more today: nothing is refused.
    Outdated(Check),
}

impl Kind {
    /// The nested fields, of the entries if it is a list.
    pub(crate) fn shape(&self) -> Option<&'static Shape> {
        match *self {
            Self::Object(shape) | Self::Json(shape) => Some(shape),
            Self::List(entry) => entry.shape(),
            Self::Text | Self::Integer | Self::Double | Self::Boolean => None,
        }
    }
}

impl Limit {
    /// The condition.
    #[must_use]
    pub const fn check(&self) -> &Check {
        match self {
            Self::Documented(check)
            | Self::Today(check)
            | Self::Advised(check)
            | Self::AdvisedToday(check)
            | Self::Outdated(check) => check,
        }
    }

    /// Whether the service says so today, rather than the document.
    #[must_use]
    pub const fn is_today(&self) -> bool {
        matches!(self, Self::Today(_) | Self::AdvisedToday(_))
    }

    /// Whether the service may accept what it speaks against.
    #[must_use]
    pub const fn is_advice(&self) -> bool {
        matches!(self, Self::Advised(_) | Self::AdvisedToday(_) | Self::Outdated(_))
    }
}

/// A condition on one value.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Check {
    /// Characters, both ends included.
    Length(u32, u32),
    /// Value of a whole number or a numeric string, both ends included.
    Range(i64, i64),
    /// Value of a number with a fraction, both ends included; an open end is infinite.
    Decimals(f64, f64),
    /// Entries of a list or a comma list, both ends included.
    Items(u32, u32),
    /// A closed list of values, as text.
    OneOf(&'static [&'static str]),
    /// Numbers that are not allowed.
    NoneOf(&'static [i64]),
    /// First character.
    StartsWith(Chars),
    /// Last character.
    EndsWith(Chars),
    /// Every character.
    Only(Chars),
    /// Forbidden beginnings, in any case.
    NotStartingWith(&'static [&'static str]),
    /// Forbidden parts, in any case.
    NotContaining(&'static [&'static str]),
    /// Syntax of the whole value.
    Format(Syntax),
    /// Where a CIDR block or an address may lie, and how long the prefix may be.
    #[non_exhaustive]
    Cidr {
        /// One of these must contain it; empty: anywhere.
        within: &'static [&'static str],
        /// None of these may contain it.
        not_within: &'static [&'static str],
        /// Prefix lengths, both ends included; of a bare address none is asked for.
        prefix: (u8, u8),
    },
    /// Bits of a subnet mask, both ends included.
    MaskBits(u32, u32),
}

/// A named set of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Chars {
    /// Any Unicode letter.
    Letter,
    /// Any Unicode letter or a Chinese character.
    LetterOrChinese,
    /// A letter or an ASCII digit.
    LetterOrDigit,
    /// `a`-`z` or a digit.
    LowercaseLetterOrDigit,
    /// `/`.
    Slash,
    /// Letters, digits, `.`, `_`, `-`.
    ResourceName,
    /// Letters, digits, `_`, `-`.
    LettersDigitsUnderscoreHyphen,
    /// `a`-`z`, digits, `-`.
    LowercaseDigitsHyphen,
    /// `a`-`z`, digits, `_`, `-`.
    LowercaseDigitsUnderscoreHyphen,
    /// ASCII from `!` to `~`.
    PrintableAsciiNoSpace,
}

/// Syntax of a string value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Syntax {
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// An IP address.
    Ip,
    /// An IPv4 block.
    Ipv4Cidr,
    /// An IPv6 block.
    Ipv6Cidr,
    /// A block of either family.
    Cidr,
    /// `YYYY-MM-DDThh:mm:ssZ`.
    DateTime,
    /// `YYYY-MM-DDThh:mmZ`.
    DateTimeMinutes,
    /// ASCII characters only.
    Ascii,
    /// Values between commas.
    CommaList,
    /// CIDR blocks between commas.
    CommaListOfCidr,
    /// IP addresses between commas.
    CommaListOfIp,
    /// IPv4 addresses between commas.
    CommaListOfIpv4,
    /// A subnet mask: `255.255.255.252`, `/30` or `30`.
    Netmask,
    /// A port, two of them (`80/90`), or `any` in any case.
    PortRangeOrAny,
    /// A JSON text.
    Json,
}

/// A condition across fields. Names are paths within the shape; an index is written `N` or `M`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The condition.
    pub kind: RuleKind,
    /// Stated by the service today, rather than by the document.
    pub today: bool,
    /// Whether the service may accept what it speaks against: nothing is refused.
    pub advice: bool,
}

impl Rule {
    /// A rule of the document.
    #[must_use]
    pub const fn documented(kind: RuleKind) -> Self {
        Self { kind, today: false, advice: false }
    }

    /// A rule that the service states today.
    #[must_use]
    pub const fn today(kind: RuleKind) -> Self {
        Self { kind, today: true, advice: false }
    }

    /// The same as advice.
    #[must_use]
    pub const fn advice(mut self) -> Self {
        self.advice = true;
        self
    }
}

/// When a conditional rule applies.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct When {
    /// The field looked at.
    pub field: &'static str,
    /// Its values that make the rule apply; empty: any value.
    pub equals: &'static [&'static str],
}

/// The kinds of conditions across fields.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum RuleKind {
    /// All of these must be present when the condition holds.
    Requires(When, &'static [&'static str]),
    /// None of these may be present when the condition holds.
    Forbids(When, &'static [&'static str]),
    /// At most one may be present.
    Excludes(&'static [&'static str]),
    /// Exactly one must be present.
    ExactlyOne(&'static [&'static str]),
    /// At least one must be present.
    AtLeastOne(&'static [&'static str]),
    /// All or none.
    Together(&'static [&'static str]),
    /// At most so many may be present.
    AtMost(u32, &'static [&'static str]),
    /// Each number is at most the next.
    Ordered(&'static [&'static str]),
    /// A field's value is limited further when the condition holds.
    Values(When, &'static str, &'static Check),
    /// At most so many steps between two times.
    #[non_exhaustive]
    Points {
        /// The earlier time.
        from: &'static str,
        /// The later time.
        to: &'static str,
        /// Seconds of a step.
        step: &'static str,
        /// Steps allowed.
        max: u32,
        /// Seconds of a step where none is given.
        default_step: u32,
    },
    /// No CIDR block of one field overlaps one of another.
    Disjoint(&'static [&'static str]),
    /// The addresses lie in one subnet under the mask of the second.
    SameSubnet(&'static [&'static str], &'static str),
}

impl RuleKind {
    /// The fields that it speaks of.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        let (names, others): (&'static [&'static str], [Option<&'static str>; 3]) = match *self {
            Self::Requires(when, names) | Self::Forbids(when, names) => {
                (names, [Some(when.field), None, None])
            }
            Self::Values(when, field, _) => (&[], [Some(when.field), Some(field), None]),
            Self::Points { from, to, step, .. } => (&[], [Some(from), Some(to), Some(step)]),
            Self::SameSubnet(names, mask) => (names, [Some(mask), None, None]),
            Self::Disjoint(names)
            | Self::Excludes(names)
            | Self::ExactlyOne(names)
            | Self::AtLeastOne(names)
            | Self::Together(names)
            | Self::AtMost(_, names)
            | Self::Ordered(names) => (names, [None; 3]),
        };
        names.iter().copied().chain(others.into_iter().flatten())
    }
}

/// A code of an error table.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ErrorCode {
    /// HTTP status; 0 where none is documented.
    pub status: u16,
    /// Wire value, letter for letter; `%s` stands for any text.
    pub code: &'static str,
    /// What it means for the caller.
    pub class: ErrorClass,
    /// What it means in words: a short sentence, or nothing.
    pub meaning: &'static str,
    /// Whether it means that the resource of the action is away.
    pub gone: bool,
}

impl ErrorCode {
    /// A row of an error table; status 0 where none is documented.
    #[must_use]
    pub const fn new(status: u16, code: &'static str, class: ErrorClass, meaning: &'static str) -> Self {
        Self { status, code, class, meaning, gone: matches!(class, ErrorClass::NotFound) }
    }

    /// The row, saying whether it means that the resource is away.
    #[must_use]
    pub const fn gone(mut self, gone: bool) -> Self {
        self.gone = gone;
        self
    }

    /// Whether a code from the wire is this one, in whatever case.
    #[must_use]
    pub fn matches(&self, code: &str) -> bool {
        let Some((before, after)) = self.code.split_once("%s") else {
            return self.code.eq_ignore_ascii_case(code);
        };
        let begins = code.get(..before.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(before));
        let rest = code.get(before.len()..).unwrap_or_default();
        let end = rest.len().checked_sub(after.len()).and_then(|at| rest.get(at..));
        begins && end.is_some_and(|end| end.eq_ignore_ascii_case(after))
    }
}

/// What an error means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// Too many calls; nothing was applied. Retried, slowly, until the deadline of the call or
    /// the brake of the client ends it.
    Throttled,
    /// A passing state, or another operation holds the resource; nothing was applied. Retried
    /// until the deadline of the call.
    Busy,
    /// The service is briefly not there. Retried a few times: after a code of a table, which says
    /// that nothing was applied, always; otherwise if that cannot create twice.
    Unavailable,
    /// The service failed. Retried a few times if that cannot create twice.
    Internal,
    /// Other resources still depend on this one. Remove them first.
    Dependency,
    /// A quota is used up. Ask for more or delete something.
    Quota,
    /// A named resource does not exist. On a delete ask [`is_gone`](crate::Error::is_gone), which leaves out regions
    /// and what the resource lies in.
    NotFound,
    /// It exists, or is already so.
    AlreadyExists,
    /// The caller may not do this. Grant the RAM action.
    Permission,
    /// Key, signature, token or clock is wrong.
    Authentication,
    /// A value is wrong or missing. Fix the call.
    InvalidParameter,
    /// The region, product or resource cannot do this.
    Unsupported,
    /// Something must be set up or changed first, and waiting will not do it.
    Precondition,
    /// Balance, order or contract stands in the way. Codes about orders, balances, prices and
    /// arrears are known by their words, for all actions.
    Billing,
    /// The token was used with other parameters. Not retried.
    Idempotency,
    /// Not an error: the dry run succeeded.
    DryRunPassed,
    /// No table knows the code, its form does not tell, and its HTTP status is one that all kinds
    /// of refusals share. [`RetryPolicy::retry_on`](crate::RetryPolicy::retry_on) can retry it.
    Unknown,
}

impl ErrorClass {
    /// The class as the specs and the docs of actions write it, such as `not-found`: a label for
    /// metrics that no later version changes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::Dependency => "dependency",
            Self::Quota => "quota",
            Self::NotFound => "not-found",
            Self::AlreadyExists => "already-exists",
            Self::Permission => "permission",
            Self::Authentication => "authentication",
            Self::InvalidParameter => "invalid-parameter",
            Self::Unsupported => "unsupported",
            Self::Precondition => "precondition",
            Self::Billing => "billing",
            Self::Idempotency => "idempotency",
            Self::DryRunPassed => "dry-run-passed",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that a service keeps, and the action that tells of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Resource {
    /// Name in the specs: `NatGateway`.
    pub name: &'static str,
    /// Name in sentences: `NAT gateway`.
    pub title: &'static str,
    /// What names one: `NatGatewayId`.
    pub keys: &'static [&'static str],
    /// What names one more narrowly, where it is known.
    pub optional_keys: &'static [&'static str],
    /// The action that tells.
    pub poll: &'static str,
    /// Parameters of the poll: keys and literals.
    pub ask: &'static [(&'static str, Source)],
    /// Path of the rows in the answer; empty if the answer is about one.
    pub rows: &'static str,
    /// Fields of a row, and the keys that they must equal or hold.
    pub row: &'static [(&'static str, &'static str)],
    /// The same for the row that holds the list of rows.
    pub outer_row: &'static [(&'static str, &'static str)],
    /// Field of the row that holds the state; empty if there is none.
    pub state: &'static str,
    /// Field of the row that is empty when the resource is gone though still listed, for waits until it is gone;
    /// empty if there is none.
    pub exists: &'static str,
    /// The states that are known.
    pub states: &'static [&'static str],
}

impl Resource {
    /// A resource that the answer of its action is about, without keys and states.
    #[must_use]
    pub const fn of(name: &'static str, title: &'static str, poll: &'static str) -> Self {
        Self {
            name,
            title,
            keys: &[],
            optional_keys: &[],
            poll,
            ask: &[],
            rows: "",
            row: &[],
            outer_row: &[],
            state: "",
            exists: "",
            states: &[],
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A parameter of the call, by its row.
    Request(&'static str),
    /// A path of what the call returned.
    Response(&'static str),
    /// A key of the resource.
    Key(&'static str),
    /// This text.
    Literal(&'static str),
}

/// How to see that a call has taken effect.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Wait {
    /// What the call changes.
    pub resource: &'static Resource,
    /// Keys of the resource, and where their values come from: the first source counts that has one.
    pub by: &'static [(&'static str, &'static [Source])],
    /// What is waited for.
    pub until: Until,
    /// States that end the wait well.
    pub success: &'static [&'static str],
    /// States that alone do so for some values of the call.
    pub success_if: &'static [SuccessIf],
    /// Fields of the row that must have what the call asked for, where it asked for something.
    pub shows: &'static [(&'static str, Source)],
    /// States that end the wait badly.
    pub failure: &'static [&'static str],
    /// Whether the call makes the row, so that its absence only means "not yet".
    pub appears: bool,
    /// Seconds after which a wait gives up.
    pub deadline_s: u32,
    /// Seconds before the first poll.
    pub first_delay_s: u32,
}

impl Wait {
    /// A wait that names no resource and no state yet, and begins at once.
    #[must_use]
    pub const fn of(resource: &'static Resource, until: Until, deadline_s: u32) -> Self {
        Self {
            resource,
            by: &[],
            until,
            success: &[],
            success_if: &[],
            shows: &[],
            failure: &[],
            appears: false,
            deadline_s,
            first_delay_s: 0,
        }
    }
}

/// A goal that hangs on a value of the call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SuccessIf {
    /// The value that is looked at.
    pub source: Source,
    /// What it must be for the goal to be this one.
    pub equals: &'static str,
    /// States that end the wait well then.
    pub success: &'static [&'static str],
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Until {
    /// A state is reached.
    State,
    /// The resource is no longer there.
    Gone,
    /// The resource is there.
    Present,
}
