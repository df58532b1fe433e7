//! HTML as readable text: headings, paragraphs, lists, links, code. One pass over the characters and no tree, so that
//! no page, however deep or broken, costs more than its length.

/// What a page says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) description: String,
    /// Text and target of the first links, as written.
    pub(crate) links: Vec<(String, String)>,
    /// The main content as Markdown.
    pub(crate) markdown: String,
    /// The target of `<meta http-equiv="refresh">`.
    pub(crate) refresh: Option<String>,
}

const LINKS_MAX: usize = 20;
/// Elements whose text nobody reads.
const SILENT: [&str; 9] = ["script", "style", "noscript", "template", "svg", "iframe", "object", "select", "canvas"];
/// Elements around the main content.
const FRAME: [&str; 4] = ["nav", "footer", "aside", "header"];
/// With less text than this outside of the frame, the frame was probably the content.
const CONTENT_CHARS_MIN: usize = 200;

/// Reads a page.
pub(crate) fn read(html: &str, keep_links: bool) -> Page {
    let inner = Reader::run(html, keep_links, true);
    if inner.page.markdown.chars().count() >= CONTENT_CHARS_MIN {
        return inner.page;
    }
    Reader::run(html, keep_links, false).page
}

#[derive(Default)]
struct Reader {
    page: Page,
    out: String,
    keep_links: bool,
    skips_frame: bool,
    framed: usize,
    pre: usize,
    lists: Vec<Option<usize>>,
    in_title: bool,
    in_head: bool,
    link: Option<(String, usize)>,
    in_main: Option<usize>,
    main: Option<String>,
}

enum Token<'a> {
    Text(&'a str),
    Open(&'a str, &'a str),
    Close(&'a str),
}

impl Reader {
    fn run(html: &str, keep_links: bool, skips_frame: bool) -> Self {
        let mut reader = Self { keep_links, skips_frame, ..Self::default() };
        let mut rest = html;
        while let Some((token, after)) = next(rest) {
            rest = after;
            match token {
                Token::Text(text) => reader.text(text),
                Token::Close(name) => reader.close(&name.to_ascii_lowercase()),
                Token::Open(name, attributes) => {
                    let name = name.to_ascii_lowercase();
                    if SILENT.contains(&name.as_str()) {
                        if !attributes.trim_end().ends_with('/') {
                            rest = after_close(rest, &name);
                        }
                    } else {
                        reader.open(&name, attributes);
                    }
                }
            }
        }
        let main = reader.main.take().filter(|m| m.chars().count() >= CONTENT_CHARS_MIN);
        let body = main.unwrap_or_else(|| std::mem::take(&mut reader.out));
        reader.page.markdown = tidy(&body);
        reader
    }

    fn quiet(&self) -> bool {
        self.in_head || (self.skips_frame && self.framed > 0)
    }

    fn text(&mut self, raw: &str) {
        let text = decoded(raw);
        if self.in_title {
            self.page.title.push_str(&text);
            return;
        }
        if self.quiet() {
            return;
        }
        if self.pre > 0 {
            self.out.push_str(&text);
            return;
        }
        if text.starts_with(char::is_whitespace) {
            self.space();
        }
        self.out.push_str(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        if text.ends_with(char::is_whitespace) {
            self.space();
        }
    }

    fn space(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
    }

    /// Ends the line; with `blank`, the paragraph.
    fn newline(&mut self, blank: bool) {
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        let have = self.out.chars().rev().take_while(|c| *c == '\n').count();
        let want = if self.out.is_empty() { 0 } else { 1 + usize::from(blank) };
        self.out.extend(std::iter::repeat_n('\n', want.saturating_sub(have)));
    }

    fn open(&mut self, name: &str, attributes: &str) {
        match name {
            "head" => self.in_head = true,
            "body" => self.in_head = false,
            "title" if self.page.title.is_empty() => self.in_title = true,
            "meta" => self.meta(attributes),
            "main" | "article" if self.in_main.is_none() && self.main.is_none() => {
                self.newline(true);
                self.in_main = Some(self.out.len());
            }
            "pre" => {
                self.newline(true);
                self.say("```\n");
                self.pre += 1;
            }
            "br" => self.say("\n"),
            "hr" => {
                self.newline(true);
                self.say("---");
                self.newline(true);
            }
            "ul" | "ol" => {
                self.newline(self.lists.is_empty());
                self.lists.push((name == "ol").then_some(0));
            }
            "li" => self.item(),
            "td" | "th" if !self.out.is_empty() && !self.out.ends_with('\n') => self.say(" | "),
            "tr" | "dt" | "dd" | "option" => self.newline(false),
            "a" if self.link.is_none() => {
                self.link = attribute(attributes, "href").map(|href| (href, self.out.len()));
            }
            "img" => {
                if let Some(alt) = attribute(attributes, "alt").filter(|a| !a.trim().is_empty()) {
                    self.say(&format!("[image: {}]", alt.trim()));
                }
            }
            "code" if self.pre == 0 => self.say("`"),
            "strong" | "b" => self.say("**"),
            _ if FRAME.contains(&name) => self.framed += 1,
            _ => {
                if let Some(level) = heading(name) {
                    self.newline(true);
                    self.say(&format!("{} ", "#".repeat(level)));
                } else if is_block(name) {
                    self.newline(true);
                }
            }
        }
    }

    fn say(&mut self, text: &str) {
        if !self.quiet() {
            self.out.push_str(text);
        }
    }

    fn item(&mut self) {
        self.newline(false);
        let indent = "  ".repeat(self.lists.len().clamp(1, 8) - 1);
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{indent}{number}. ")
            }
            _ => format!("{indent}- "),
        };
        self.say(&mark);
    }

    fn meta(&mut self, attributes: &str) {
        let content = || attribute(attributes, "content").unwrap_or_default();
        let named = attribute(attributes, "name").or_else(|| attribute(attributes, "property")).unwrap_or_default();
        match named.to_ascii_lowercase().as_str() {
            "description" | "og:description" if self.page.description.is_empty() => {
                self.page.description = content().split_whitespace().collect::<Vec<_>>().join(" ");
            }
            _ => {}
        }
        if attribute(attributes, "http-equiv").is_some_and(|h| h.eq_ignore_ascii_case("refresh")) {
            let target = content();
            let url = target.split_once(['=']).filter(|(before, _)| before.to_ascii_lowercase().contains("url"));
            self.page.refresh = url.map(|(_, url)| url.trim().trim_matches(['\'', '"']).to_owned());
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "head" => self.in_head = false,
            "title" => {
                self.in_title = false;
                self.page.title = self.page.title.split_whitespace().collect::<Vec<_>>().join(" ");
            }
            "main" | "article" => {
                if let Some(start) = self.in_main.take() {
                    self.newline(true);
                    self.main = self.out.get(start..).map(str::to_owned);
                }
            }
            "pre" if self.pre > 0 => {
                self.pre -= 1;
                self.newline(false);
                self.say("```");
                self.newline(true);
            }
            "ul" | "ol" => {
                self.lists.pop();
                self.newline(self.lists.is_empty());
            }
            "a" => self.link_ends(),
            "code" if self.pre == 0 => self.say("`"),
            "strong" | "b" => self.say("**"),
            _ if FRAME.contains(&name) => self.framed = self.framed.saturating_sub(1),
            _ if heading(name).is_some() || is_block(name) => self.newline(true),
            _ => {}
        }
    }

    fn link_ends(&mut self) {
        let Some((href, start)) = self.link.take() else { return };
        let label = self.out.get(start..).unwrap_or_default().trim().replace('\n', " ");
        let idle = href.is_empty() || href.starts_with('#') || href.to_ascii_lowercase().starts_with("javascript:");
        if idle || label.is_empty() || self.quiet() {
            return;
        }
        if self.page.links.len() < LINKS_MAX {
            self.page.links.push((label.clone(), href.clone()));
        }
        if self.keep_links {
            let lead = self.out[start..].len() - self.out[start..].trim_start().len();
            self.out.truncate(start + lead);
            self.out.push_str(&format!("[{label}]({href})"));
        }
    }
}

fn heading(name: &str) -> Option<usize> {
    let level = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}

fn is_block(name: &str) -> bool {
    const BLOCKS: [&str; 20] = [
        "p",
        "div",
        "section",
        "article",
        "main",
        "blockquote",
        "table",
        "form",
        "figure",
        "figcaption",
        "address",
        "dl",
        "fieldset",
        "details",
        "summary",
        "center",
        "caption",
        "thead",
        "tbody",
        "body",
    ];
    BLOCKS.contains(&name)
}

/// The next token and what follows it.
fn next(rest: &str) -> Option<(Token<'_>, &str)> {
    if rest.is_empty() {
        return None;
    }
    let Some(tag) = rest.strip_prefix('<') else {
        let end = rest.find('<').unwrap_or(rest.len());
        return Some((Token::Text(&rest[..end]), &rest[end..]));
    };
    if let Some(comment) = tag.strip_prefix("!--") {
        let end = comment.find("-->").map_or(comment.len(), |n| n + 3);
        return Some((Token::Text(""), &comment[end..]));
    }
    let closing = tag.starts_with('/');
    let name_at = usize::from(closing);
    let first = tag[name_at..].chars().next();
    if !first.is_some_and(|c| c.is_ascii_alphabetic()) {
        if tag.starts_with(['!', '?', '/']) {
            let end = tag.find('>').map_or(tag.len(), |n| n + 1);
            return Some((Token::Text(""), &tag[end..]));
        }
        return Some((Token::Text("<"), tag));
    }
    let end = tag_end(tag);
    let body = &tag[name_at..end];
    let after = tag.get(end + 1..).unwrap_or_default();
    let name_end = body.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(body.len());
    let (name, attributes) = body.split_at(name_end);
    Some((if closing { Token::Close(name) } else { Token::Open(name, attributes) }, after))
}

/// Where the tag's `>` stands: not inside quotes that are closed again.
fn tag_end(tag: &str) -> usize {
    let bytes = tag.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'>' => return i,
            quote @ (b'"' | b'\'') if i > 0 && bytes[i - 1] == b'=' => match tag[i + 1..].find(char::from(quote)) {
                Some(n) => i += n + 2,
                None => i += 1,
            },
            _ => i += 1,
        }
    }
    bytes.len()
}

fn after_close<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(n) = rest[from..].find("</") {
        let at = from + n + 2;
        if rest.get(at..at + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            let end = rest[at..].find('>').map_or(rest.len(), |n| at + n + 1);
            return &rest[end..];
        }
        from = at;
    }
    ""
}

/// The value of an attribute.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let lower = attributes.to_ascii_lowercase();
    let mut from = 0;
    while let Some(n) = lower[from..].find(name) {
        let at = from + n;
        from = at + name.len();
        let before = lower[..at].chars().next_back();
        let starts = before.is_none_or(|c| c.is_whitespace() || matches!(c, '/' | '"' | '\''));
        let Some(value) = attributes[from..].trim_start().strip_prefix('=').filter(|_| starts) else { continue };
        let value = value.trim_start();
        let quoted = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let raw = match quoted {
            Some(quote) => value[1..].split(quote).next().unwrap_or_default(),
            None => value.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default(),
        };
        return Some(decoded(raw).trim().to_owned());
    }
    None
}

fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(n) = rest.find('&') {
        out.push_str(&rest[..n]);
        rest = &rest[n..];
        let name_end = rest.char_indices().skip(1).take(32).find(|(_, c)| !c.is_ascii_alphanumeric() && *c != '#');
        let named = match name_end {
            Some((end, ';')) => entity(&rest[1..end]).map(|c| (c, end + 1)),
            _ => None,
        };
        let (c, skip) = named.unwrap_or(('&', 1));
        out.push(c);
        rest = &rest[skip..];
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| *c != '\0');
    }
    const NAMED: [(&str, char); 30] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("copy", '©'),
        ("reg", '®'),
        ("trade", '™'),
        ("mdash", '—'),
        ("ndash", '–'),
        ("hellip", '…'),
        ("lsquo", '‘'),
        ("rsquo", '’'),
        ("ldquo", '“'),
        ("rdquo", '”'),
        ("laquo", '«'),
        ("raquo", '»'),
        ("bull", '•'),
        ("middot", '·'),
        ("times", '×'),
        ("deg", '°'),
        ("euro", '€'),
        ("pound", '£'),
        ("sect", '§'),
        ("para", '¶'),
        ("larr", '←'),
        ("rarr", '→'),
        ("shy", '\u{ad}'),
        ("eacute", 'é'),
    ];
    NAMED.iter().find(|(n, _)| *n == name).map(|(_, c)| *c)
}

/// No trailing spaces, at most one blank line in a row.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines().map(str::trim_end) {
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank <= 1 && !(line.is_empty() && out.is_empty()) {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_become_text() {
        let check = |html: &str, expected: &str| assert_eq!(read(html, true).markdown, expected, "{html}");
        check("<h1>Title</h1><p>One <b>bold</b> word.</p><p>Two</p>", "# Title\n\nOne **bold** word.\n\nTwo");
        check("<ul><li>a<li>b<ul><li>c</ul></ul>", "- a\n- b\n  - c");
        check("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b");
        check("x <a href='/y?a=1&amp;b=2'> link </a> z", "x [link](/y?a=1&b=2) z");
        check("<a href=\"#top\">up</a>", "up");
        check("<pre>a\n  b</pre>", "```\na\n  b\n```");
        check("<script>if (a < b) {}</script>after", "after");
        check("<SCRIPT>no</SCRIPT ><style>x</style>after", "after");
        check("a &lt; b &#8212; c &#x41; &unknown; &", "a < b — c A &unknown; &");
        check("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "a | b\n1 | 2");
        check("a<br>b<!-- no -->c", "a\nbc");
        check("1 < 2", "1 < 2");
        check("<p title=\"a > b\">x</p>", "x");
        check("<script>unclosed", "");
        check("<p", "");
        check("<nav>menu</nav>short", "menushort");
    }

    #[test]
    fn the_frame_is_left_out_when_there_is_content() {
        let text = "word ".repeat(60);
        let html = format!("<nav>menu</nav><p>{text}</p><footer>imprint</footer>");
        assert_eq!(read(&html, true).markdown, text.trim());
        let html = format!("<div>before</div><main><p>{text}</p></main><div>after</div>");
        assert_eq!(read(&html, true).markdown, text.trim());
    }

    #[test]
    fn the_head_is_read() {
        let page = read(
            "<head><title> A\n b </title><meta name=description content='what it is'><meta http-equiv=refresh content=\"0; url='/next'\"></head><body><a href=u>t</a>",
            false,
        );
        assert_eq!(page.title, "A b");
        assert_eq!(page.description, "what it is");
        assert_eq!(page.refresh.as_deref(), Some("/next"));
        assert_eq!(page.links, [("t".to_owned(), "u".to_owned())]);
        assert_eq!(page.markdown, "t");
    }

    #[test]
    fn depth_costs_nothing() {
        let html = "<div><ul><li><a href=x>".repeat(50_000);
        assert!(read(&html, true).markdown.len() < html.len() * 2);
    }
}
