//! The words in which generated code is written: each says once what all inputs, outputs, nested
//! structs, enums and clients are made of.
//!
//! All functions are inline or generic: a program compiles the actions that it uses, and the SDK none.
//! They are Rust to read, so their bodies can be parsed, printed and searched.

/// The parameters of an action, with a setter for each: on the struct, and on its request.
///
/// `#[setter(name)]` renames a setter, and `#[setter()]` leaves it out; `#[setter(names, name)]` is that of a list of keys
/// with values, and one that adds such an entry.
///
/// Rustdoc shows the setters of a request on the page of its input alone: on that of `Request` they would
/// be those of all actions.
macro_rules! input {
    ($(#[$($about:tt)*])* $vis:vis struct $name:ident { $(
        $(#[doc = $doc:tt])*
        $(#[setter($($setter:ident),*)])?
        $(#[deprecated(note = $note:tt)])?
        $scope:vis $field:ident: $holder:ident<$ty:ident>
    ),* $(,)? }) => {
        $crate::table::declare::structure! {
            $(#[$($about)*])*
            $vis struct $name { $(
                $(#[doc = $doc])*
                $(#[deprecated(note = $note)])?
                $scope $field: $holder<$ty>
            ),* }
        }
        impl $name { $(
            $crate::table::declare::setter! {
                (#[doc = $crate::table::declare::sets!($field)] $(#[deprecated(note = $note)])? $scope)
                $field $([$($setter),*])? () $field: $holder<$ty>
            }
        )* }
        #[cfg(not(doc))]
        impl $crate::client::Request<$name> { $(
            $crate::table::declare::setter! {
                ($(#[doc = $doc])* $(#[deprecated(note = $note)])? $scope)
                $field $([$($setter),*])? (input) $field: $holder<$ty>
            }
        )* }
    };
}
pub(crate) use input;

/// A struct inside the parameters of an action, with a setter for each field.
macro_rules! input_element {
    ($(#[$($about:tt)*])* $vis:vis struct $name:ident { $(
        $(#[doc = $doc:tt])*
        $(#[setter($($setter:ident),*)])?
        $(#[deprecated(note = $note:tt)])?
        $scope:vis $field:ident: $holder:ident<$ty:ident>
    ),* $(,)? }) => {
        $crate::table::declare::structure! {
            $(#[$($about)*])*
            $vis struct $name { $(
                $(#[doc = $doc])*
                $(#[deprecated(note = $note)])?
                $scope $field: $holder<$ty>
            ),* }
        }
        impl $crate::record::Element for $name {}
        impl $name { $(
            $crate::table::declare::setter! {
                (#[doc = $crate::table::declare::sets!($field)] $(#[deprecated(note = $note)])? $scope)
                $field $([$($setter),*])? () $field: $holder<$ty>
            }
        )* }
    };
}
pub(crate) use input_element;

/// What an action returns. Tests make it by setters, as their answer.
macro_rules! output {
    ($(#[$($about:tt)*])* $vis:vis struct $name:ident { $($fields:tt)* }) => {
        $crate::table::declare::structure! {
            $(#[$($about)*])*
            $vis struct $name { $($fields)* }
        }
        $crate::table::declare::test_setters! { $name { $($fields)* } }
    };
}
pub(crate) use output;

/// A struct inside what an action returns.
macro_rules! element {
    ($(#[$($about:tt)*])* $vis:vis struct $name:ident { $($fields:tt)* }) => {
        $crate::table::declare::output! {
            $(#[$($about)*])*
            $vis struct $name { $($fields)* }
        }
        impl $crate::record::Element for $name {}
    };
}
pub(crate) use element;

/// A struct with its fields in the order of its table.
macro_rules! structure {
    ($(#[$($about:tt)*])* $vis:vis struct $name:ident { $(
        $(#[$($doc:tt)*])*
        $scope:vis $field:ident: $holder:ident<$ty:ident>
    ),* $(,)? }) => {
        $(#[$($about)*])*
        #[derive(Clone, Default)]
        #[non_exhaustive]
        $vis struct $name { $(
            $(#[$($doc)*])*
            $scope $field: $holder<$ty>
        ),* }
        $crate::record::record!($name { $($field),* });
    };
}
pub(crate) use structure;

/// Setters of what services return: only tests make such a thing, so only they compile them.
#[cfg(feature = "testing")]
macro_rules! test_setters {
    ($name:ident { $(
        $(#[$($doc:tt)*])*
        $scope:vis $field:ident: $holder:ident<$ty:ident>
    ),* $(,)? }) => {
        /// For answers in [tests](crate::testing).
        #[allow(dead_code, reason = "tests of the runtime make outputs that need no setter")]
        impl $name { $(
            $crate::table::declare::setter! {
                (#[doc = $crate::table::declare::sets!($field)] $scope) $field () $field: $holder<$ty>
            }
        )* }
    };
}
#[cfg(not(feature = "testing"))]
macro_rules! test_setters {
    ($($nothing:tt)*) => {};
}
pub(crate) use test_setters;

/// What the page of a struct says of a setter: the facts stand at the field. A request has no fields, so there
/// the setter says them itself.
macro_rules! sets {
    ($field:ident) => {
        concat!("Sets [`", stringify!($field), "`](#structfield.", stringify!($field), ").")
    };
}
pub(crate) use sets;

/// A setter: docs, name, where the field stands in `self`, and the field.
macro_rules! setter {
    ($about:tt $rust:ident [] $place:tt $($field:tt)*) => {};
    ($about:tt $rust:ident [$name:ident] $place:tt $($field:tt)*) => {
        $crate::table::declare::setter! { $about $name $place $($field)* }
    };
    (($($about:tt)*) $rust:ident [$name:ident, $one:ident] ($($place:ident)?) $field:ident: Vec<$ty:ident>) => {
        $crate::table::declare::setter! { ($($about)*) $name ($($place)?) $field: Vec<$ty> }
        $($about)* fn $one<As>(mut self, key: impl Into<String>, value: impl $crate::MaybeInto<String, As>) -> Self {
            self.$($place.)?$field.push($ty::default().key(key.into()).value(value));
            self
        }
    };
    (($($about:tt)*) $name:ident ($($place:ident)?) $field:ident: Vec<$ty:ident>) => {
        $($about)* fn $name(mut self, $field: impl IntoIterator<Item = impl Into<$ty>>) -> Self {
            self.$($place.)?$field.extend($field.into_iter().map(Into::into));
            self
        }
    };
    ($about:tt $name:ident $place:tt $field:ident: Option<i64>) => {
        $crate::table::declare::setter! { $about $name $place $field = i64 }
    };
    ($about:tt $name:ident $place:tt $field:ident: Option<f64>) => {
        $crate::table::declare::setter! { $about $name $place $field = f64 }
    };
    ($about:tt $name:ident $place:tt $field:ident: Option<bool>) => {
        $crate::table::declare::setter! { $about $name $place $field = bool }
    };
    // Here a literal takes its type from the field.
    (($($about:tt)*) $name:ident ($($place:ident)?) $field:ident = $ty:ident) => {
        $($about)* fn $name(mut self, $field: impl Into<Option<$ty>>) -> Self {
            self.$($place.)?$field = $field.into();
            self
        }
    };
    (($($about:tt)*) $name:ident ($($place:ident)?) $field:ident: Option<$ty:ident>) => {
        $($about)* fn $name<As>(mut self, $field: impl $crate::MaybeInto<$ty, As>) -> Self {
            self.$($place.)?$field = $field.maybe_into();
            self
        }
    };
}
pub(crate) use setter;

/// A list of values that stays open: one that is not listed is kept as `Unknown`.
macro_rules! open_enum {
    ($(#[$($about:tt)*])* $vis:vis enum $name:ident { $(
        $(#[doc = $doc:tt])* $variant:ident = $text:tt
    ),* $(,)? }) => {
        $(#[$($about)*])*
        #[derive(Clone)]
        #[non_exhaustive]
        $vis enum $name {
            $($(#[doc = $doc])* $variant,)*
            /// A value that the documents do not list, as it came.
            Unknown(String),
        }
        impl $name {
            /// Every listed value, as the wire has it.
            pub const VALUES: &'static [&'static str] = &[$($text),*];
            /// The value as the wire has it.
            #[must_use]
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => text,
                }
            }
        }
        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    _ => Self::Unknown(text.to_owned()),
                }
            }
        }
        impl From<String> for $name {
            #[inline]
            fn from(text: String) -> Self {
                Self::from(text.as_str())
            }
        }
        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }
        impl Eq for $name {}
        impl ::core::hash::Hash for $name {
            fn hash<H: ::core::hash::Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }
        impl ::core::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl ::core::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(self.as_str(), f)
            }
        }
        #[cfg(feature = "serde")]
        impl ::serde::Serialize for $name {
            #[inline]
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl $crate::record::Held for $name {
            #[inline]
            fn held(&self) -> $crate::record::Value<'_> {
                $crate::record::Value::Text(self.as_str())
            }
            #[inline]
            fn from_scalar(scalar: $crate::record::Scalar<'_>) -> Option<Self> {
                Some(match scalar {
                    $crate::record::Scalar::Text(text) => Self::from(text),
                    other => Self::from(&*other.text()),
                })
            }
        }
    };
}
pub(crate) use open_enum;

/// The same struct in a request as in a response of another action.
macro_rules! equal {
    ($(impl From<$from:ty> for $name:ident {})*) => { $(
        impl From<$from> for $name {
            #[inline]
            fn from(other: $from) -> Self {
                $crate::record::copied(&other)
            }
        }
    )* };
}
pub(crate) use equal;

/// Which table describes a struct, for serde. Without the feature nothing is read of it.
#[cfg(feature = "serde")]
macro_rules! described {
    ($(const $name:ident: Shape = $shape:expr;)*) => { $(
        const _: () = {
            static SHAPE: &$crate::schema::Shape = &$shape;
            impl $crate::serialize::Described for $name {
                #[inline]
                fn shape() -> &'static $crate::schema::Shape {
                    SHAPE
                }
            }
            impl ::serde::Serialize for $name {
                #[inline]
                fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    $crate::serialize::masked(self, SHAPE, serializer)
                }
            }
        };
    )* };
}
#[cfg(not(feature = "serde"))]
macro_rules! described {
    ($($nothing:tt)*) => {};
}
pub(crate) use described;

/// The client of a service, over its table.
macro_rules! client {
    ($(#[$($about:tt)*])* $vis:vis struct $name:ident($table:ident);) => {
        $(#[$($about)*])*
        ///
        /// Cheap to clone. Clones share connections, the corrected clock and the brake on retries.
        #[derive(Clone, Debug)]
        $vis struct $name($crate::Client);

        impl $name {
            /// Starts making a client. A region is all that has to be set; a service with one central
            /// endpoint does not even need that.
            #[must_use]
            #[inline]
            $vis fn builder() -> $crate::ClientBuilder<Self> {
                <Self as $crate::ServiceClient>::builder()
            }
            /// Makes a client by what several share, in the region of the configuration.
            ///
            /// # Errors
            ///
            /// As [`ClientBuilder::build`](crate::ClientBuilder::build).
            #[inline]
            $vis fn from_config(config: &$crate::Config) -> Result<Self, $crate::Error> {
                <Self as $crate::ServiceClient>::from_config(config)
            }
            /// A builder that begins with the settings of this client. What is not set anew is shared: the
            /// pool of connections and the source of credentials, whatever is set about how to make them.
            #[must_use]
            #[inline]
            $vis fn to_builder(&self) -> $crate::ClientBuilder<Self> {
                <Self as $crate::ServiceClient>::to_builder(self)
            }
            /// A client for another region, which shares the pool of connections and the source of
            /// credentials. An endpoint that was set stays. Nothing is sent, and it costs next to nothing.
            ///
            /// # Errors
            ///
            /// As [`ClientBuilder::build`](crate::ClientBuilder::build).
            #[inline]
            $vis fn for_region(&self, region: impl Into<String>) -> Result<Self, $crate::Error> {
                <Self as $crate::ServiceClient>::for_region(self, region)
            }
        }
        impl ::core::ops::Deref for $name {
            type Target = $crate::Client;
            #[inline]
            fn deref(&self) -> &$crate::Client {
                &self.0
            }
        }
        impl $crate::client::OfClient for $name {
            #[inline]
            fn of_client(client: $crate::Client) -> Self {
                Self(client)
            }
        }
        impl $crate::ServiceClient for $name {
            const SERVICE: &'static $crate::schema::Service = &$table;
        }
    };
}
pub(crate) use client;

/// Methods of a client: a request for each action, and a wait for a resource, which polls an action as
/// a table says.
macro_rules! methods {
    ($(#[$($about:tt)*])* impl $client:ident { $(
        $(#[$($doc:tt)*])*
        fn $method:ident(&self $(, $key:ident: Key<$wire:tt>)*) -> $returned:ident<$($of:ident),*>;
    )* }) => {
        $(#[$($about)*])*
        impl $client { $(
            $crate::table::declare::method! {
                ($(#[$($doc)*])* pub) $method ($($key: $wire),*) $returned $($of)*
            }
        )* }
    };
}
pub(crate) use methods;

/// A method of a client: docs, name, keys with their wire names, and what comes of it.
macro_rules! method {
    (($($about:tt)*) $method:ident () Request $input:ident) => {
        #[inline]
        $($about)* fn $method(&self) -> $crate::Request<$input> {
            self.request($input::default())
        }
    };
    (($($about:tt)*) $method:ident ($($key:ident: $wire:tt),*) Waiter $poll:ident $table:ident) => {
        $($about)* fn $method(&self, $($key: impl Into<String>),*) -> $crate::Waiter {
            self.waiter::<$poll>(&waiters::$table, &[$(($wire, $key.into())),*])
        }
    };
}
pub(crate) use method;
