//! What a table says beyond what it cannot be without: a method a column, for those who write tables outside of
//! this crate. So a new column breaks none of them.

use super::*;

/// A method for each column, which gives the table back with that column changed. `=>` says how the column is
/// made of what the method takes.
macro_rules! columns {
    ($table:ident { $($column:ident: $type:ty $(=> $value:expr)?,)* }) => {
        impl $table {
            $(
                #[doc = concat!(
                    "The table with this [`", stringify!($column), "`](Self#structfield.", stringify!($column), ").",
                )]
                #[must_use]
                pub const fn $column(mut self, $column: $type) -> Self {
                    self.$column = columns!(@value $column $(=> $value)?);
                    self
                }
            )*
        }
    };
    (@value $column:ident) => { $column };
    (@value $column:ident => $value:expr) => { $value };
}

type Names = &'static [&'static str];

columns!(Service {
    title: &'static str,
    errors: &'static [ErrorCode],
});

columns!(Endpoints {
    variable: &'static str => Some(variable),
    vpc_network: &'static str => Some(vpc_network),
    map: &'static [(&'static str, &'static str)],
});

columns!(Action {
    status: Status,
    method: Method,
    token: &'static str => Some(token),
    dry_run: DryRun => Some(dry_run),
    serialize_by: Names,
    pagination: Pagination => Some(pagination),
    request: Shape,
    response: Shape,
    errors: &'static [ErrorCode],
    observed: &'static [ErrorCode],
    wait: Wait => Some(wait),
    permission: &'static str => Some(permission),
    resources: Names,
});

columns!(Resource {
    keys: Names,
    optional_keys: Names,
    ask: &'static [(&'static str, Source)],
    rows: &'static str,
    row: &'static [(&'static str, &'static str)],
    outer_row: &'static [(&'static str, &'static str)],
    state: &'static str,
    exists: &'static str,
    states: Names,
});

columns!(Wait {
    by: &'static [(&'static str, &'static [Source])],
    success: Names,
    success_if: &'static [SuccessIf],
    shows: &'static [(&'static str, Source)],
    failure: Names,
    appears: bool,
    first_delay_s: u32,
});

impl Service {
    /// A service that goes by its product's name in sentences, and whose actions share no codes.
    #[must_use]
    pub const fn new(
        name: &'static str,
        product: &'static str,
        version: &'static str,
        protocol: Protocol,
        endpoints: Endpoints,
    ) -> Self {
        Self { name, title: product, product, version, protocol, endpoints, errors: &[] }
    }
}

impl Protocol {
    /// AWS JSON 1.1, with a prefix of `X-Amz-Target` and a service name in the credential scope.
    #[must_use]
    pub const fn aws_json(target: &'static str, signing_name: &'static str) -> Self {
        Self::AwsJson { target, signing_name }
    }
}

impl Endpoints {
    /// The same with one [host](Self#structfield.central) for all regions, which is in a
    /// [region](Self#structfield.home_region) of its own.
    #[must_use]
    pub const fn central(mut self, host: &'static str, home_region: &'static str) -> Self {
        self.central = Some(host);
        self.home_region = Some(home_region);
        self
    }
}

impl DryRun {
    /// A boolean parameter, and the code that means the call would have succeeded, if that has one.
    #[must_use]
    pub const fn new(parameter: &'static str, passed: Option<&'static str>) -> Self {
        Self { parameter, passed }
    }
}

impl<'a> Pagination<&'a str> {
    /// Pages have numbers: parameters for the page and its size, response field of the entries in all, and path
    /// of the entries.
    #[must_use]
    pub const fn number(page: &'a str, size: &'a str, total: &'a str, items: &'a str) -> Self {
        Self::Number { page, size, total, items }
    }

    /// Each page names the next one: parameters for the page and its size, response field of the next page, and
    /// path of the entries.
    #[must_use]
    pub const fn token(token: &'a str, size: &'a str, next: &'a str, items: &'a str) -> Self {
        Self::Token { token, size, next, items }
    }

    /// Pages by `PageNumber` and `PageSize`, up to a `TotalCount`, with the entries at a path of the
    /// response such as `Vpcs.Vpc`.
    #[must_use]
    pub const fn by_number(items: &'a str) -> Self {
        Self::Number { page: "PageNumber", size: "PageSize", total: "TotalCount", items }
    }

    /// Pages by `NextToken` and `MaxResults`, with the entries at a path of the response such as
    /// `TagResources.TagResource`.
    #[must_use]
    pub const fn by_token(items: &'a str) -> Self {
        Self::Token { token: "NextToken", size: "MaxResults", next: "NextToken", items }
    }
}

impl Check {
    /// Blocks of which one must contain the value, or none at all; blocks that must not contain it; and the
    /// shortest and longest prefix.
    #[must_use]
    pub const fn cidr(within: Names, not_within: Names, prefix: (u8, u8)) -> Self {
        Self::Cidr { within, not_within, prefix }
    }
}

impl When {
    /// The field is there.
    #[must_use]
    pub const fn present(field: &'static str) -> Self {
        Self { field, equals: &[] }
    }

    /// The field has one of these values.
    #[must_use]
    pub const fn one_of(field: &'static str, equals: Names) -> Self {
        Self { field, equals }
    }
}

impl RuleKind {
    /// At most so many steps between two times: their fields, the field with the seconds of a step, and what
    /// counts where that is not given.
    #[must_use]
    pub const fn points(
        (from, to): (&'static str, &'static str),
        (step, default_step): (&'static str, u32),
        max: u32,
    ) -> Self {
        Self::Points { from, to, step, max, default_step }
    }
}

impl SuccessIf {
    /// States that end the wait well where the value of the call is this one.
    #[must_use]
    pub const fn new(source: Source, equals: &'static str, success: Names) -> Self {
        Self { source, equals, success }
    }
}
