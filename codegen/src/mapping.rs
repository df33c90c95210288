//! A struct of the dialect and its reader in one.

use crate::diagnostic::Diagnostics;
use crate::read::{Fields, Spanned};
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
        map.finish();
        whole
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

/// Reads every mapping of a list.
pub(crate) fn many<'a, T>(
    list: Option<&'a [Node]>,
    diagnostics: &'a Diagnostics,
    read: impl Fn(Fields<'a>) -> T,
) -> Vec<T> {
    let maps = list.unwrap_or_default().iter().filter_map(|node| Fields::of(node, diagnostics));
    maps.map(read).collect()
}

impl Key for Spanned<String> {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        let location = map.location();
        map.required_text(key).unwrap_or_else(|| Spanned::new(String::new(), location))
    }
}

impl Key for String {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        Spanned::read(map, key).value
    }
}

impl Key for Option<Spanned<String>> {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        map.text(key)
    }
}

impl Key for Option<String> {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        map.text(key).map(|text| text.value)
    }
}

impl Key for bool {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        map.flag(key).is_some_and(|flag| flag.value)
    }
}

impl Key for Vec<Spanned<String>> {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        map.texts(key).unwrap_or_default()
    }
}

impl Key for Option<Vec<Spanned<String>>> {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        map.texts(key)
    }
}

impl Key for Vec<String> {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        map.texts(key).unwrap_or_default().into_iter().map(|text| text.value).collect()
    }
}

impl<T: Mapping> Key for Option<T> {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        map.fields(key).map(T::whole)
    }
}

impl<T: Mapping> Key for Vec<T> {
    fn read(map: &mut Fields<'_>, key: &'static str) -> Self {
        many(map.non_empty_list(key), map.diagnostics(), T::whole)
    }
}
