//! Which operation or page a path and a method name. Knows the rows' methods and paths and nothing else of them. The
//! invariant: matching sees segments, so an escaped slash inside a segment never becomes a separator.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::Method;
use matchit::Router;
use service::Bound;

use crate::pages::Page;
use crate::request::decode;

/// Stands in for an escaped slash while matching; a path that holds it as sent matches nothing.
const ESCAPED_SLASH: char = '\0';

/// What a route leads to.
#[derive(Clone)]
pub(crate) enum Target {
    /// An operation of the product.
    Operation(Bound),
    /// A page of the server's own.
    Page(Page),
}

/// What was found.
pub(crate) enum Found<'a> {
    /// The target, and its path parameters decoded.
    Target(&'a Target, Vec<(String, String)>),
    /// The path exists with these methods.
    OtherMethods(String),
    /// The path exists without its trailing slash.
    WithoutSlash,
    /// Nothing.
    Nothing,
}

#[derive(Default)]
pub(crate) struct Routes {
    paths: Router<Vec<(Method, Target)>>,
}

impl Routes {
    /// A table of operations and pages; an error names the path that contradicts another.
    pub(crate) fn new(operations: Vec<Bound>, pages: Vec<Page>) -> Result<Self, String> {
        let mut by_path: BTreeMap<String, Vec<(Method, Target)>> = BTreeMap::new();
        for page in pages {
            by_path.entry(page.path.to_owned()).or_default().push((Method::GET, Target::Page(page)));
        }
        for bound in operations {
            let method = method(bound.row.method);
            let targets = by_path.entry(bound.row.path.to_owned()).or_default();
            if targets.iter().any(|(taken, _)| *taken == method) {
                return Err(format!("{method} {} is bound twice", bound.row.path));
            }
            targets.push((method, Target::Operation(bound)));
        }
        let mut paths = Router::new();
        for (path, targets) in by_path {
            paths.insert(path.clone(), targets).map_err(|error| format!("route {path}: {error}"))?;
        }
        Ok(Self { paths })
    }

    /// Finds what a path (as sent) and a method name.
    pub(crate) fn find(&self, method: &Method, raw_path: &str) -> Found<'_> {
        let Some(path) = segments(raw_path) else { return Found::Nothing };
        let Ok(matched) = self.paths.at(&path) else {
            let shorter = path.strip_suffix('/').filter(|shorter| !shorter.is_empty());
            let there = shorter.is_some_and(|shorter| self.paths.at(shorter).is_ok());
            return if there { Found::WithoutSlash } else { Found::Nothing };
        };
        match matched.value.iter().find(|(known, _)| known == method) {
            Some((_, target)) => {
                let name = |name: &str| name.trim_start_matches('*').to_owned();
                let params = matched.params.iter().map(|(key, value)| (name(key), value.replace(ESCAPED_SLASH, "/")));
                Found::Target(target, params.collect())
            }
            None => {
                let mut methods: Vec<&str> = matched.value.iter().map(|(known, _)| known.as_str()).collect();
                methods.sort_unstable();
                Found::OtherMethods(methods.join(", "))
            }
        }
    }
}

/// The path with each segment decoded; none when no route can match it.
fn segments(raw_path: &str) -> Option<Cow<'_, str>> {
    if raw_path.contains("//") || raw_path.contains(ESCAPED_SLASH) {
        return None;
    }
    if !raw_path.contains('%') {
        return Some(Cow::Borrowed(raw_path));
    }
    let mut path = String::with_capacity(raw_path.len());
    for (i, segment) in raw_path.split('/').enumerate() {
        let segment = decode(segment);
        if segment.contains(ESCAPED_SLASH) {
            return None;
        }
        if i > 0 {
            path.push('/');
        }
        path.extend(segment.chars().map(|c| if c == '/' { ESCAPED_SLASH } else { c }));
    }
    Some(Cow::Owned(path))
}

fn method(method: model::api::Method) -> Method {
    match method {
        model::api::Method::Get => Method::GET,
        model::api::Method::Post => Method::POST,
        model::api::Method::Put => Method::PUT,
        model::api::Method::Patch => Method::PATCH,
        model::api::Method::Delete => Method::DELETE,
    }
}

#[cfg(test)]
mod tests {
    use model::api::{Access, Method::Get, Method::Post, Row};

    use super::*;

    fn table() -> Routes {
        let bind = |row: Row| Bound { row, run: |_, _, _| unreachable!("only looked up") };
        let rows = [
            Row::new("a.list", Get, "/g/runs", Access::User),
            Row::new("a.make", Post, "/g/runs", Access::User),
            Row::new("a.show", Get, "/g/runs/{run_id}", Access::User),
            Row::new("a.batch", Post, "/g/runs/ledger/batch", Access::User),
            Row::new("a.ledger", Get, "/g/runs/{id}/ledger", Access::User),
            Row::new("a.deep", Get, "/g/files/{*path}", Access::User),
        ];
        Routes::new(rows.into_iter().map(bind).collect(), Vec::new()).unwrap()
    }

    fn found(method: &Method, path: &str) -> String {
        match table().find(method, path) {
            Found::Target(Target::Operation(bound), params) => {
                let params: Vec<String> = params.iter().map(|(k, v)| format!("{k}={v}")).collect();
                format!("{} {}", bound.row.name, params.join("&")).trim_end().to_owned()
            }
            Found::Target(Target::Page(_), _) => "page".into(),
            Found::OtherMethods(allow) => format!("405 {allow}"),
            Found::WithoutSlash => "307".into(),
            Found::Nothing => "404".into(),
        }
    }

    #[test]
    fn paths_find_their_rows() {
        for (method, path, expected) in [
            (Method::GET, "/g/runs", "a.list"),
            (Method::POST, "/g/runs", "a.make"),
            (Method::DELETE, "/g/runs", "405 GET, POST"),
            (Method::HEAD, "/g/runs", "405 GET, POST"),
            (Method::GET, "/g/runs/", "307"),
            (Method::GET, "/g/runs//", "404"),
            (Method::GET, "//g/runs", "404"),
            (Method::GET, "/g/runs/abc", "a.show run_id=abc"),
            (Method::GET, "/g/runs/a%2Fb", "a.show run_id=a/b"),
            (Method::GET, "/g/runs/a%252Fb", "a.show run_id=a%2Fb"),
            (Method::GET, "/g/runs/a%20b%3Ac", "a.show run_id=a b:c"),
            (Method::GET, "/g/runs/a%00b", "404"),
            (Method::GET, "/g/%72uns", "a.list"),
            (Method::GET, "/g%2Fruns", "404"),
            (Method::GET, "/g/runs/x/ledger", "a.ledger id=x"),
            (Method::POST, "/g/runs/ledger/batch", "a.batch"),
            (Method::GET, "/g/files/a/b", "a.deep path=a/b"),
            (Method::GET, "/", "404"),
            (Method::GET, "", "404"),
        ] {
            assert_eq!(found(&method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn two_rows_for_one_path_and_method_are_refused() {
        let row = Row::new("a.list", Get, "/g", Access::User);
        let bound = Bound { row, run: |_, _, _| unreachable!("only looked up") };
        assert!(Routes::new(vec![bound, bound], Vec::new()).is_err());
    }
}
