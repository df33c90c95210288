//! How results come in pages, as the names of the rows say.

use std::cmp::Reverse;

use super::yaml::Yaml;
use crate::follow::published::{Action, Row, Type};

const SIZES: [&str; 3] = ["MaxResults", "MaxResult", "PageSize"];
const TOKEN: &str = "NextToken";

/// How an action comes in pages.
pub(super) struct Pages {
    style: &'static str,
    position: (&'static str, &'static str),
    size: Option<&'static str>,
    end: (&'static str, &'static str),
    /// The list that is paged.
    pub(super) items: String,
}

impl Pages {
    pub(super) fn of(action: &Action) -> Option<Self> {
        let request = |name, ty| has(&action.request, name, ty);
        let response = |name, ty| has(&action.response, name, ty);
        let items = lists(action).into_iter().next()?;
        let is_numbered = request("PageNumber", Type::Integer) && response("TotalCount", Type::Integer);
        if is_numbered && request("PageSize", Type::Integer) {
            return Some(Self {
                style: "page-number",
                position: ("page", "PageNumber"),
                size: Some("PageSize"),
                end: ("total", "TotalCount"),
                items,
            });
        }
        if request(TOKEN, Type::Text) && response(TOKEN, Type::Text) {
            let size = SIZES.into_iter().find(|size| request(size, Type::Integer));
            return Some(Self {
                style: "token",
                position: ("token", TOKEN),
                size,
                end: ("next", TOKEN),
                items,
            });
        }
        None
    }

    pub(super) fn yaml(&self) -> Yaml {
        let mut entries =
            vec![("style", Yaml::text(self.style)), (self.position.0, Yaml::text(self.position.1))];
        entries.extend(self.size.map(|size| ("size", Yaml::text(size))));
        entries.push((self.end.0, Yaml::text(self.end.1)));
        entries.push(("items", Yaml::guess(&self.items)));
        Yaml::map(entries)
    }

    /// Whether a row says which page.
    pub(super) fn takes(&self, row: &str) -> bool {
        row == self.position.1 || self.size == Some(row)
    }

    /// The token that names a page.
    pub(super) fn token(&self) -> Option<String> {
        (self.style == "token").then(|| TOKEN.to_owned())
    }
}

/// The lists of a response that lie in no other, those of objects first.
pub(super) fn lists(action: &Action) -> Vec<String> {
    let mut lists: Vec<(bool, String)> = Vec::new();
    for row in &action.response {
        let Some(end) = row.path.find("[]") else { continue };
        let list = row.path.get(..end + 2).unwrap_or_default().to_owned();
        if !lists.iter().any(|(_, known)| *known == list) {
            lists.push((row.path.len() > list.len(), list));
        }
    }
    lists.sort_by_key(|(is_of_objects, _)| Reverse(*is_of_objects));
    lists.into_iter().map(|(_, list)| list).collect()
}

pub(super) fn has(rows: &[Row], name: &str, ty: Type) -> bool {
    rows.iter().any(|row| row.path == name && row.ty == ty)
}
