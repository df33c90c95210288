//! A page as the driver reads it, whether a table describes it or not.

use std::hash::{DefaultHasher, Hash as _};

use serde_json::Value as Json;

use crate::record::{self, Record};
use crate::schema::Shape;
use crate::table::{path, text};

/// What one answer of a listing holds.
#[derive(Clone, Copy)]
pub(crate) enum Page<'p> {
    /// The output of an action.
    Record(&'p dyn Record),
    /// The answer to a raw call.
    Json(&'p Json),
}

impl Page<'_> {
    /// Hashes the entries at a path, and tells of each.
    pub(super) fn entries(
        self,
        shape: &'static Shape,
        items: &str,
        hasher: &mut DefaultHasher,
        see: &mut dyn FnMut(),
    ) {
        match self {
            Self::Record(page) => path::values(shape, page, items, &mut |value| {
                see();
                record::hash(value, hasher);
            }),
            Self::Json(page) => path::json_values(page, items, &mut |value| {
                see();
                value.to_string().hash(hasher);
            }),
        }
    }

    /// The first value at a path, as text; `None` if there is none or it is empty.
    pub(super) fn text_at(self, shape: &'static Shape, path: &str) -> Option<String> {
        match self {
            Self::Record(page) => path::text_at(shape, page, path),
            Self::Json(page) => {
                let mut found = None;
                path::json_values(page, path, &mut |value| {
                    let text = text::of_json(value).filter(|text| !text.is_empty());
                    found = found.take().or_else(|| text.map(std::borrow::Cow::into_owned));
                });
                found
            }
        }
    }
}
