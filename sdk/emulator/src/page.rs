//! What there is and what was asked, for people with a browser.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Response, header};
use sha2::{Digest as _, Sha256};

use crate::control::{Answer, Refused};
use crate::engine::Engine;
use crate::log::Call;
use crate::model;
use crate::state::Node;
use crate::timestamp::rfc3339;

const STYLE: &str = include_str!("page.css");

/// More than anybody reads; a state may have any number.
const MOST_NODES: usize = 2_000;
const MOST_CALLS: usize = 100;

/// The page; `refresh=5` loads it again every five seconds.
pub(crate) fn answer(engine: &Engine, query: &str) -> Answer {
    let page = page(engine, refresh(query)?);
    let mut response = Response::new(Bytes::from(page));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy().clone());
    Ok(response)
}

fn refresh(query: &str) -> Result<Option<u32>, Refused> {
    if query.is_empty() {
        return Ok(None);
    }
    let seconds = query.strip_prefix("refresh=").and_then(|seconds| seconds.parse().ok());
    let seconds = seconds.filter(|seconds| (1..=3_600).contains(seconds));
    let problem = "the page takes nothing but `refresh`, a number of seconds from 1 to 3600";
    seconds.map(Some).ok_or_else(|| Refused::request(problem.to_owned()))
}

/// Nothing but the style that stands in the page.
fn policy() -> &'static HeaderValue {
    static POLICY: OnceLock<HeaderValue> = OnceLock::new();
    POLICY.get_or_init(|| {
        let hash = STANDARD.encode(Sha256::digest(STYLE));
        let rest = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; {rest}");
        HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
    })
}

fn page(engine: &Engine, refresh: Option<u32>) -> String {
    let tree = engine.state().tree();
    let mut html = Html::default();
    html.tag("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.tag("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    if let Some(seconds) = refresh {
        html.tag("<meta http-equiv=\"refresh\" content=\"").text(&seconds.to_string()).tag("\">\n");
    }
    html.tag("<title>cloudnet-emulator</title>\n<style>").tag(STYLE).tag("</style>\n</head>\n<body>\n");
    html.heading(engine, &tree, refresh);
    html.tag("<main>\n<h2>Resources</h2>\n");
    html.resources(&tree);
    html.tag("<h2>Last requests</h2>\n");
    html.calls(engine);
    html.tag("</main>\n</body>\n</html>\n");
    html.text
}

/// A text that grows. What is not of this program goes in by [`text`](Self::text) alone.
#[derive(Default)]
struct Html {
    text: String,
}

impl Html {
    fn tag(&mut self, markup: &'static str) -> &mut Self {
        self.text.push_str(markup);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\'' => self.text.push_str("&#39;"),
                // They would be no characters in HTML, or show as nothing.
                '\t' | '\n' => self.text.push(' '),
                control if control.is_control() => self.text.push('\u{fffd}'),
                other => self.text.push(other),
            }
        }
        self
    }

    fn heading(&mut self, engine: &Engine, tree: &[Node], refresh: Option<u32>) {
        self.tag("<header>\n<h1>cloudnet-emulator</h1>\n<ul class=\"totals\">\n");
        let mut resources = 0;
        walk(tree, &mut |_| resources += 1);
        let calls = engine.calls().next_back().map_or(0, |call| call.number);
        let (kept, refused) = engine.calls().fold((0_usize, 0_usize), |(kept, refused), call| {
            (kept + 1, refused + usize::from(call.status >= 300))
        });
        self.total(resources, " resources");
        self.total(calls, " requests");
        self.tag("<li><b>").text(&refused.to_string()).tag("</b> refused of the last ");
        self.text(&kept.to_string()).tag("</li>\n<li>Time <time>");
        self.text(&rfc3339(engine.state().now())).tag("</time></li>\n<li>");
        match refresh {
            None => self.tag("<a href=\"?refresh=5\">Refresh every 5 s</a>"),
            Some(_) => self.tag("<a href=\"?\">Stop refreshing</a>"),
        };
        self.tag("</li>\n</ul>\n</header>\n");
    }

    fn total(&mut self, number: impl ToString, what: &'static str) {
        self.tag("<li><b>").text(&number.to_string()).tag("</b>").tag(what).tag("</li>\n");
    }

    fn resources(&mut self, tree: &[Node]) {
        if tree.is_empty() {
            self.tag("<p class=\"panel faint\">There is nothing yet. What calls make shows up here.</p>\n");
            return;
        }
        let mut regions: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
        for node in tree {
            regions.entry(&node.region).or_default().push(node);
        }
        let mut left = MOST_NODES;
        self.tag("<ul class=\"panel tree\">\n");
        for (region, nodes) in regions {
            self.tag("<li><div class=\"node\"><span class=\"faint\">Region</span> <b><bdi>");
            self.text(if region.is_empty() { "none" } else { region }).tag("</bdi></b></div>\n<ul>\n");
            nodes.into_iter().for_each(|node| self.node(node, &mut left));
            self.tag("</ul></li>\n");
        }
        self.tag("</ul>\n");
        let mut all = 0;
        walk(tree, &mut |_| all += 1);
        if all > MOST_NODES {
            let more = (all - MOST_NODES).to_string();
            self.tag("<p class=\"faint\">").text(&more).tag(" more are not shown.</p>\n");
        }
    }

    fn node(&mut self, node: &Node, left: &mut usize) {
        if *left == 0 {
            return;
        }
        *left -= 1;
        self.tag("<li><div class=\"node\"><span class=\"kind\" title=\"").text(node.service).tag("\">");
        self.text(if node.title.is_empty() { node.kind } else { node.title }).tag("</span> <code><bdi>");
        self.text(&node.id).tag("</bdi></code>");
        if let Some(name) = node.name.as_ref().filter(|name| !name.is_empty()) {
            self.tag(" <bdi>").text(name).tag("</bdi>");
        }
        if let Some(state) = &node.state {
            self.tag(" <span class=\"")
                .tag(look(node, state))
                .tag("\"><bdi>")
                .text(state)
                .tag("</bdi></span>");
        }
        self.tag(" <time>").text(&node.created).tag("</time></div>");
        if !node.children.is_empty() && *left > 0 {
            self.tag("\n<ul>\n");
            node.children.iter().for_each(|child| self.node(child, left));
            self.tag("</ul>");
        }
        self.tag("</li>\n");
    }

    fn calls(&mut self, engine: &Engine) {
        if engine.calls().next().is_none() {
            self.tag("<p class=\"panel faint\">Nothing was asked yet.</p>\n");
            return;
        }
        self.tag(
            "<div class=\"panel\"><table>\n<thead><tr><th scope=\"col\">No.</th><th scope=\"col\">Time</th>",
        );
        self.tag("<th scope=\"col\">Action</th><th scope=\"col\">Region</th><th scope=\"col\">Verdict</th>");
        self.tag("<th scope=\"col\">Parameters</th></tr></thead>\n<tbody>\n");
        engine.calls().rev().take(MOST_CALLS).for_each(|call| self.call(call));
        self.tag("</tbody>\n</table></div>\n");
    }

    fn call(&mut self, call: &Call) {
        let number = call.number.to_string();
        self.tag("<tr><td class=\"number\">").text(&number).tag("</td><td><time>").text(&call.time);
        self.tag("</time></td><td><b><bdi>").text(if call.action.is_empty() {
            "unknown"
        } else {
            &call.action
        });
        self.tag("</bdi></b> <span class=\"faint\"><bdi>")
            .text(&call.service)
            .tag("</bdi></span></td><td><bdi>");
        self.text(&call.region).tag("</bdi></td><td>");
        self.tag(if call.status < 300 { "<span class=\"good\">" } else { "<span class=\"bad\">" });
        self.text(&call.status.to_string()).tag(" <bdi>");
        self.text(call.verdict()).tag("</bdi></span></td><td class=\"parameters\">");
        if !call.parameters.is_empty() {
            let number = call.parameters.len().to_string();
            self.tag("<details><summary>").text(&number).tag("</summary><dl>");
            for (name, value) in &call.parameters {
                self.tag("<dt><bdi>").text(name).tag("</bdi></dt><dd><bdi>").text(value).tag("</bdi></dd>");
            }
            self.tag("</dl></details>");
        }
        self.tag("</td></tr>\n");
    }
}

/// The class of a state: where it stays, where it goes on, where it failed.
fn look(node: &Node, state: &str) -> &'static str {
    let service = model::services().iter().find(|service| service.name == node.service);
    let Some(resource) = service.and_then(|service| service.resource(node.kind)) else { return "faint" };
    let has = |states: &[String]| states.iter().any(|known| known == state);
    let states = &resource.states;
    if has(&states.failed) {
        "bad"
    } else if has(&states.passing) || has(&states.leaving) {
        "busy"
    } else {
        "good"
    }
}

fn walk(nodes: &[Node], visit: &mut impl FnMut(&Node)) {
    for node in nodes {
        visit(node);
        walk(&node.children, visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup() {
        let mut html = Html::default();
        html.text("<script>alert(\"1\")</script>&amp;' onload=\u{0}\u{7f}\n");
        assert_eq!(
            html.text,
            "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39; onload=\u{fffd}\u{fffd} "
        );
    }

    #[test]
    fn names_and_calls_are_escaped() {
        let hostile = "\"><img src=x onerror=alert(1)>".to_owned();
        let child = Node {
            service: "vpc",
            region: hostile.clone(),
            kind: "VSwitch",
            title: "vSwitch",
            id: hostile.clone(),
            name: Some(hostile.clone()),
            state: Some(hostile.clone()),
            created: hostile.clone(),
            children: Vec::new(),
        };
        let node = Node { kind: "Vpc", title: "VPC", children: vec![child.clone()], ..child };
        let call = Call {
            action: hostile.clone(),
            service: hostile.clone(),
            region: hostile.clone(),
            code: Some(hostile.clone()),
            parameters: BTreeMap::from([(hostile.clone(), hostile)]),
            ..Call::default()
        };
        let mut html = Html::default();
        html.resources(&[node]);
        html.call(&call);
        assert!(!html.text.contains("<img"), "{}", html.text);
        assert_eq!(html.text.matches("&lt;img").count(), 15, "{}", html.text);
    }

    #[test]
    fn a_long_tree_is_cut() {
        let node = Node {
            service: "vpc",
            region: "r".to_owned(),
            kind: "Vpc",
            title: "VPC",
            id: "vpc-1".to_owned(),
            name: None,
            state: None,
            created: String::new(),
            children: Vec::new(),
        };
        let mut html = Html::default();
        html.resources(&vec![node; MOST_NODES + 3]);
        assert_eq!(html.text.matches("vpc-1").count(), MOST_NODES);
        assert!(html.text.contains("3 more are not shown"));
    }

    #[test]
    fn a_page_loads_again_only_when_told() {
        assert_eq!(refresh("").ok(), Some(None));
        assert_eq!(refresh("refresh=5").ok(), Some(Some(5)));
        for query in ["refresh=0", "refresh=3601", "refresh=5;url=x", "refresh=", "a=b"] {
            assert!(refresh(query).is_err(), "{query}");
        }
    }
}
