//! A struct of the dialect and its reader in one.

use crate::diagnostic::Diagnostics;
use crate::read::{Fields, FromNode, Spanned};
use crate::shape::{self, Shape};
use crate::yaml::Node;

/// Defines structs that are read from mappings. Each field is a key of the same name, read as its
/// type says ([`Key`]), or by what stands behind `=`.
macro_rules! mapping {
    (@$map:ident $field:ident) => {
        $crate::mapping::Key::read($map, stringify!($field))
    };
    (@$map:ident $field:ident $read:expr) => {
        $crate::mapping::by($map, $read)
    };
    ($($(#[$meta:meta])* struct $name:ident {
        $($(#[$doc:meta])* $field:ident: $ty:ty $(= $read:expr)?,)*
    })*) => {$(
        $(#[$meta])*
        #[derive(Debug)]
        pub struct $name {
            $($(#[$doc])* pub $field: $ty,)*
        }

        impl $crate::mapping::Mapping for $name {
            fn read(map: &mut $crate::read::Fields<'_>) -> Self {
                Self { $($field: mapping!(@map $field $($read)?),)* }
            }
        }
    )*};
}
pub(crate) use mapping;

/// Text that must be there; empty where it is not, which is already reported then.
pub(crate) fn text(map: &mut Fields<'_>, key: &'static str) -> Spanned<String> {
    Key::read(map, key)
}

/// The word of the dialect for a value.
pub(crate) fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}

/// What is read from a mapping.
pub(crate) trait Mapping: Sized {
    /// Reads its keys.
    fn read(map: &mut Fields<'_>) -> Self;

    /// Reads a mapping that has no other keys.
    fn whole(mut map: Fields<'_>) -> Self {
        let whole = Self::read(&mut map);
        map.deny_unknown();
        whole
    }
}

impl<'a, T: Mapping> FromNode<'a> for T {
    fn shape() -> Shape {
        shape::of(T::read)
    }

    fn from_node(node: &'a Node, diagnostics: &'a Diagnostics) -> Option<Self> {
        Fields::from_node(node, diagnostics).map(T::whole)
    }
}

/// What is read from the value of a key.
pub(crate) trait Key {
    /// Reads it; what need not be there and is not is `None`, `false` or empty.
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self;
}

/// Lets a reader know what it reads from.
pub(crate) fn by<'a, T>(map: &mut Fields<'a>, read: impl FnOnce(&mut Fields<'a>) -> T) -> T {
    read(map)
}

/// Text that must be there; empty where it is not, which is already reported then.
impl Key for Spanned<String> {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        let location = map.location();
        map.required(key).unwrap_or_else(|| Spanned::new(String::new(), location))
    }
}

impl Key for String {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        map.required(key).unwrap_or_default()
    }
}

impl Key for bool {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        map.get(key).unwrap_or_default()
    }
}

impl<T: for<'a> FromNode<'a>> Key for Option<T> {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        map.get(key)
    }
}

impl<T: for<'a> FromNode<'a>> Key for Vec<T> {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        map.all(key).unwrap_or_default()
    }
}
