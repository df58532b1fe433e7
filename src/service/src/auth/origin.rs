//! Which pages may use the gateway (contract 01, 1.5). Pure.
//!
//! The one invariant: an origin nobody named is refused, except the gateway's own.

/// The configured patterns.
pub(super) struct Allowlist {
    patterns: Vec<String>,
}

impl Allowlist {
    pub(super) fn new(patterns: &[String]) -> Self {
        Self { patterns: patterns.iter().map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect() }
    }

    /// Whether a page of `origin` may use a gateway the client calls `host`.
    pub(super) fn allows(&self, origin: &str, host: Option<&str>) -> bool {
        let origin = origin.trim();
        origin.is_empty() || self.patterns.iter().any(|p| matches(p, origin)) || is_own(origin, host)
    }
}

/// Whether the page was served by the gateway itself, under the name the client used for it.
fn is_own(origin: &str, host: Option<&str>) -> bool {
    let Some(host) = host.map(str::trim).filter(|host| !host.is_empty()) else { return false };
    ["http://", "https://"].iter().any(|scheme| {
        origin.strip_prefix(scheme).is_some_and(|authority| {
            let port = if *scheme == "http://" { ":80" } else { ":443" };
            authority.eq_ignore_ascii_case(host.strip_suffix(port).unwrap_or(host))
        })
    })
}

fn matches(pattern: &str, origin: &str) -> bool {
    if pattern.contains(['*', '?', '[']) {
        let pattern: Vec<char> = pattern.chars().collect();
        let origin: Vec<char> = origin.chars().collect();
        glob(&pattern, &origin)
    } else {
        pattern == origin
    }
}

/// Shell matching of the whole text: `*` any run, `?` one character, `[…]` one of a class, no escapes. Remembers only
/// the last `*`, so the work is bounded by the product of the lengths.
fn glob(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
        } else if let Some(width) = one(&pattern[p..], text[t]) {
            p += width;
            t += 1;
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            p = at + 1;
            t = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// How much of the pattern's head one character satisfies.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => match class(pattern) {
            Some((members, negated, width)) => (within(members, c) != negated).then_some(width),
            None => (c == '[').then_some(1),
        },
        literal => (*literal == c).then_some(1),
    }
}

/// The class a pattern begins with: its members, whether it is negated, its width. A `]` right after the opening is a
/// member; without a closing bracket there is no class.
fn class(pattern: &[char]) -> Option<(&[char], bool, usize)> {
    let negated = pattern.get(1) == Some(&'!');
    let start = if negated { 2 } else { 1 };
    let end = (start + 1..pattern.len()).find(|i| pattern[*i] == ']')?;
    Some((&pattern[start..end], negated, end + 1))
}

fn within(members: &[char], c: char) -> bool {
    let mut rest = members;
    while let Some((first, tail)) = rest.split_first() {
        if let ['-', last, ..] = tail {
            if (*first..=*last).contains(&c) {
                return true;
            }
            rest = &tail[2..];
        } else {
            if *first == c {
                return true;
            }
            rest = tail;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(patterns: &str, origin: &str, expected: bool) {
        let patterns: Vec<String> = patterns.split(',').map(str::to_owned).collect();
        assert_eq!(Allowlist::new(&patterns).allows(origin, None), expected, "{patterns:?} {origin}");
    }

    #[test]
    fn patterns_are_shell_globs() {
        let two = "https://*.a.com,http://x[12]";
        check(two, "https://b.a.com", true);
        check(two, "https://a.com", false);
        check(two, "https://B.A.COM", false);
        check(two, "http://x1", true);
        check(two, "http://x3", false);
        check(two, "https://evil.com/.a.com", true);
        check("http://x[!12]", "http://x3", true);
        check("http://x[!12]", "http://x1", false);
        check("http://x[a-c]", "http://xb", true);
        check("http://x[a-c]", "http://xd", false);
        check("http://x[]]", "http://x]", true);
        check("http://x[", "http://x[", true);
        check("http://x?", "http://xy", true);
        check("http://x?", "http://x", false);
        check("*", "anything", true);
        check("http://a", "http://a", true);
        check("http://a", "http://ab", false);
        check("*a*b*c", "xxaxxbxxc", true);
        check("*a*b*c", "xxaxxbxx", false);
    }

    #[test]
    fn the_default_is_local_pages_with_a_port() {
        let default = "http://localhost:*,http://127.0.0.1:*";
        check(default, "http://localhost:3000", true);
        check(default, " http://localhost:3000 ", true);
        check(default, "http://localhost", false);
        check(default, "null", false);
        check(default, "http://gateway.lan:8080", false);
        check(default, "", true);
        check(default, "  ", true);
        check(",", "http://localhost:3000", false);
    }

    #[test]
    fn the_gateways_own_pages_are_allowed() {
        let none = Allowlist::new(&[]);
        for (origin, host, expected) in [
            ("http://gateway.lan:8080", Some("gateway.lan:8080"), true),
            ("http://Gateway.lan:8080", Some("gateway.LAN:8080"), true),
            ("https://gateway.lan", Some("gateway.lan:443"), true),
            ("http://gateway.lan", Some("gateway.lan:80"), true),
            ("http://gateway.lan", Some("gateway.lan:8080"), false),
            ("http://evil.lan:8080", Some("gateway.lan:8080"), false),
            ("http://gateway.lan:8080", None, false),
            ("null", Some("null"), false),
            ("http://", Some(""), false),
        ] {
            assert_eq!(none.allows(origin, host), expected, "{origin} {host:?}");
        }
    }

    #[test]
    fn a_hostile_pattern_costs_little() {
        let pattern = "*a".repeat(200);
        let origin = "a".repeat(199) + &"b".repeat(2000);
        check(&pattern, &origin, false);
    }
}
