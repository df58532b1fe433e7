//! `template.format(**values)`: the braces, the field names and the conversions. How one value is laid out is
//! [`super::format_spec`]'s business.

use model::{Map, Value};

use super::format_spec::format_value;
use super::text::escape_code;
use super::{MAX_TEXT_BYTES, py_repr, py_str, py_type_name, repr_text, too_long};

/// `template.format(**values)`; the error is the text of the exception Python would raise.
pub(crate) fn format(template: &str, values: &Map) -> Result<String, String> {
    let mut out = String::new();
    expand(template, values, 2, &mut out)?;
    Ok(out)
}

/// A replacement field taken apart.
struct Field<'a> {
    name: &'a str,
    conversion: Option<char>,
    spec: &'a str,
}

fn expand(template: &str, values: &Map, depth: u8, out: &mut String) -> Result<(), String> {
    if depth == 0 {
        return Err("Max string recursion exceeded".into());
    }
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            out.push_str(brace);
            rest = after;
        } else if brace == "}" {
            return Err("Single '}' encountered in format string".into());
        } else if rest.is_empty() {
            return Err("Single '{' encountered in format string".into());
        } else {
            let (field, after) = take_field(rest)?;
            replace(&field, values, depth, out)?;
            rest = after;
        }
        if out.len() > MAX_TEXT_BYTES {
            return Err(too_long());
        }
    }
    out.push_str(rest);
    Ok(())
}

fn replace(field: &Field<'_>, values: &Map, depth: u8, out: &mut String) -> Result<(), String> {
    let value = look_up(field.name, values)?;
    let converted = match field.conversion {
        None => None,
        Some('s') => Some(py_str(&value)),
        Some('r') => Some(py_repr(&value)),
        Some('a') => Some(ascii(&py_repr(&value))),
        Some(other) => return Err(format!("Unknown conversion specifier {other}")),
    };
    let value = converted.map_or(value, Value::String);
    let mut spec = String::new();
    expand_spec(field.spec, values, depth, &mut spec)?;
    out.push_str(&format_value(&value, &spec)?);
    Ok(())
}

fn expand_spec(spec: &str, values: &Map, depth: u8, out: &mut String) -> Result<(), String> {
    if spec.contains(['{', '}']) {
        return expand(spec, values, depth - 1, out);
    }
    out.push_str(spec);
    Ok(())
}

fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            escape_code(&mut out, c);
        }
    }
    out
}

/// Takes a field off the front of the text behind its opening brace.
fn take_field(text: &str) -> Result<(Field<'_>, &str), String> {
    let unclosed = || "expected '}' before end of string".to_owned();
    let mut in_brackets = false;
    let end = text
        .char_indices()
        .find(|(_, c)| {
            match c {
                '[' => in_brackets = true,
                ']' => in_brackets = false,
                _ => {}
            }
            !in_brackets && matches!(c, '{' | '}' | ':' | '!')
        })
        .map(|(i, _)| i)
        .ok_or_else(unclosed)?;
    let (name, stop, mut rest) = (&text[..end], &text[end..=end], &text[end + 1..]);
    match stop {
        "{" => return Err("unexpected '{' in field name".into()),
        "}" => return Ok((Field { name, conversion: None, spec: "" }, rest)),
        _ => {}
    }
    let mut conversion = None;
    if stop == "!" {
        let mut chars = rest.chars();
        conversion = Some(chars.next().ok_or("end of string while looking for conversion specifier")?);
        match chars.next() {
            Some('}') => return Ok((Field { name, conversion, spec: "" }, chars.as_str())),
            Some(':') | None => rest = chars.as_str(),
            Some(_) => return Err("expected ':' after conversion specifier".into()),
        }
    }
    let (spec, rest) = take_spec(rest)?;
    Ok((Field { name, conversion, spec }, rest))
}

fn take_spec(text: &str) -> Result<(&str, &str), String> {
    let mut open = 1_usize;
    for (i, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Ok((&text[..i], &text[i + 1..]));
        }
    }
    Err("unmatched '{' in format spec".into())
}

/// Resolves `name`, `name[key]` and `name[0]`; JSON values have no attributes to offer.
fn look_up(path: &str, values: &Map) -> Result<Value, String> {
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (name, mut rest) = path.split_at(end);
    if name.bytes().all(|b| b.is_ascii_digit()) {
        let index = name.parse::<u32>().unwrap_or(0);
        return Err(format!("Replacement index {index} out of range for positional args tuple"));
    }
    let mut value = values.get(name).ok_or_else(|| quoted(name))?;
    let mut one;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        match first {
            '.' => {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                if end == 0 {
                    return Err("Empty attribute in format string".into());
                }
                return Err(format!("'{}' object has no attribute '{}'", py_type_name(value), &rest[..end]));
            }
            '[' => {
                let (key, after) = rest.split_once(']').ok_or("Missing ']' in format string")?;
                if key.is_empty() {
                    return Err("Empty attribute in format string".into());
                }
                rest = after;
                if let Value::String(text) = value {
                    one = character(text, key)?;
                    value = &one;
                } else {
                    value = item(value, key)?;
                }
            }
            _ => return Err("Only '.' or '[' may follow ']' in format field specifier".into()),
        }
    }
    Ok(value.clone())
}

fn quoted(key: &str) -> String {
    let mut out = String::new();
    repr_text(&mut out, key);
    out
}

/// An index is all digits; any other key is a string.
fn index_of(key: &str) -> Option<usize> {
    key.bytes().all(|b| b.is_ascii_digit()).then(|| key.parse().unwrap_or(usize::MAX))
}

fn item<'a>(value: &'a Value, key: &str) -> Result<&'a Value, String> {
    match (value, index_of(key)) {
        (Value::Object(map), None) => map.get(key).ok_or_else(|| quoted(key)),
        // Keys of JSON objects are strings, so a number is never among them.
        (Value::Object(_), Some(index)) => Err(index.to_string()),
        (Value::Array(items), Some(index)) => items.get(index).ok_or_else(|| "list index out of range".into()),
        (Value::Array(_), None) => Err("list indices must be integers or slices, not str".into()),
        (other, _) => Err(format!("'{}' object is not subscriptable", py_type_name(other))),
    }
}

fn character(text: &str, key: &str) -> Result<Value, String> {
    let index = index_of(key).ok_or("string indices must be integers, not 'str'")?;
    text.chars().nth(index).map(|c| Value::String(c.into())).ok_or_else(|| "string index out of range".into())
}
