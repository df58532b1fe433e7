//! The format mini-language: `[[fill]align][sign][z][#][0][width][,_][.precision][type]`.

use model::Value;
use model::json::python_float;

use super::{py_str, py_type_name};

/// Characters a width or a precision may ask for. Python has no such limit and runs out of memory instead.
const MAX_WIDTH: usize = 1_000_000;

/// Digits a precision may ask for; the standard library's formatting stops at 65535.
const MAX_PRECISION: usize = 65_000;

struct Spec {
    fill: char,
    align: Option<char>,
    sign: Option<char>,
    no_negative_zero: bool,
    alternate: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// `format(value, spec)`.
pub(super) fn format_value(value: &Value, spec: &str) -> Result<String, String> {
    if spec.is_empty() {
        return Ok(py_str(value));
    }
    match value {
        Value::String(text) => string(text, &parse(spec, "str", '<')?),
        Value::Bool(b) => integer(i128::from(*b), &parse(spec, "int", '>')?, "bool"),
        Value::Number(n) => match n.as_i128() {
            Some(int) => integer(int, &parse(spec, "int", '>')?, "int"),
            None => float(n.as_f64().unwrap_or(f64::NAN), &parse(spec, "float", '>')?, "float"),
        },
        other => Err(format!("unsupported format string passed to {}.__format__", py_type_name(other))),
    }
}

fn parse(text: &str, type_name: &str, default_align: char) -> Result<Spec, String> {
    let chars: Vec<char> = text.chars().collect();
    let is_align = |i: usize| chars.get(i).is_some_and(|c| matches!(c, '<' | '>' | '=' | '^'));
    let mut spec = Spec {
        fill: ' ',
        align: None,
        sign: None,
        no_negative_zero: false,
        alternate: false,
        width: 0,
        grouping: None,
        precision: None,
        kind: None,
    };
    let (mut at, mut filled) = (0, false);
    if is_align(1) {
        (spec.fill, spec.align, at, filled) = (chars[0], Some(chars[1]), 2, true);
    } else if is_align(0) {
        (spec.align, at) = (Some(chars[0]), 1);
    }
    let mut take = |wanted: &[char]| {
        let found = chars.get(at).copied().filter(|c| wanted.contains(c));
        at += usize::from(found.is_some());
        found
    };
    spec.sign = take(&['+', '-', ' ']);
    spec.no_negative_zero = take(&['z']).is_some();
    spec.alternate = take(&['#']).is_some();
    if !filled && take(&['0']).is_some() {
        spec.fill = '0';
        if spec.align.is_none() && default_align == '>' {
            spec.align = Some('=');
        }
    }
    spec.width = count(&chars, &mut at, MAX_WIDTH)?.unwrap_or(0);
    while let Some(separator) = chars.get(at).copied().filter(|c| matches!(c, ',' | '_')) {
        match spec.grouping.replace(separator) {
            None => at += 1,
            Some(first) if first == separator => return Err(format!("Cannot specify '{first}' with '{separator}'.")),
            Some(_) => return Err("Cannot specify both ',' and '_'.".into()),
        }
    }
    if chars.get(at) == Some(&'.') {
        at += 1;
        spec.precision = Some(count(&chars, &mut at, MAX_PRECISION)?.ok_or("Format specifier missing precision")?);
    }
    match chars.get(at..).unwrap_or_default() {
        [] => {}
        [kind] => spec.kind = Some(*kind),
        _ => return Err(format!("Invalid format specifier '{text}' for object of type '{type_name}'")),
    }
    check_grouping(&spec)?;
    Ok(spec)
}

fn count(chars: &[char], at: &mut usize, limit: usize) -> Result<Option<usize>, String> {
    let start = *at;
    let mut value = 0_usize;
    while let Some(digit) = chars.get(*at).and_then(|c| c.to_digit(10)) {
        value = value.saturating_mul(10).saturating_add(digit as usize);
        *at += 1;
    }
    if value > limit {
        return Err("Too many decimal digits in format string".into());
    }
    Ok((*at > start).then_some(value))
}

fn check_grouping(spec: &Spec) -> Result<(), String> {
    let Some(separator) = spec.grouping else { return Ok(()) };
    match spec.kind {
        None | Some('d' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => Ok(()),
        Some('b' | 'o' | 'x' | 'X') if separator == '_' => Ok(()),
        Some(kind) => Err(format!("Cannot specify '{separator}' with '{kind}'.")),
    }
}

fn unknown_code(kind: char, type_name: &str) -> String {
    format!("Unknown format code '{kind}' for object of type '{type_name}'")
}

fn string(text: &str, spec: &Spec) -> Result<String, String> {
    if let Some(kind) = spec.kind.filter(|k| *k != 's') {
        return Err(unknown_code(kind, "str"));
    }
    if spec.sign.is_some() {
        return Err("Sign not allowed in string format specifier".into());
    }
    if spec.no_negative_zero {
        return Err("Negative zero coercion (z) not allowed in string format specifier".into());
    }
    if spec.alternate {
        return Err("Alternate form (#) not allowed in string format specifier".into());
    }
    if let Some(separator) = spec.grouping {
        return Err(format!("Cannot specify '{separator}' with 's'."));
    }
    if spec.align == Some('=') {
        return Err("'=' alignment not allowed in string format specifier".into());
    }
    let cut: String = text.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
    Ok(pad("", &cut, spec, '<'))
}

fn integer(value: i128, spec: &Spec, type_name: &str) -> Result<String, String> {
    let kind = spec.kind.unwrap_or('d');
    if matches!(kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') {
        return float(value as f64, spec, type_name);
    }
    if spec.precision.is_some() {
        return Err("Precision not allowed in integer format specifier".into());
    }
    if spec.no_negative_zero {
        return Err("Negative zero coercion (z) not allowed in integer format specifier".into());
    }
    let magnitude = value.unsigned_abs();
    let (prefix, digits) = match kind {
        'd' | 'n' => ("", magnitude.to_string()),
        'b' => ("0b", format!("{magnitude:b}")),
        'o' => ("0o", format!("{magnitude:o}")),
        'x' => ("0x", format!("{magnitude:x}")),
        'X' => ("0X", format!("{magnitude:X}")),
        'c' => return one_character(value, spec),
        other => return Err(unknown_code(other, type_name)),
    };
    let prefix = format!("{}{}", sign(value < 0, spec), if spec.alternate { prefix } else { "" });
    let size = if matches!(kind, 'b' | 'o' | 'x' | 'X') { 4 } else { 3 };
    Ok(pad(&prefix, &group(&digits, "", prefix.len(), size, spec), spec, '>'))
}

fn one_character(value: i128, spec: &Spec) -> Result<String, String> {
    if spec.sign.is_some() {
        return Err("Sign not allowed with integer format specifier 'c'".into());
    }
    if spec.alternate {
        return Err("Alternate form (#) not allowed with integer format specifier 'c'".into());
    }
    let code = u32::try_from(value).ok().filter(|c| *c < 0x11_0000).ok_or("%c arg not in range(0x110000)")?;
    // Half of a surrogate pair is a character to Python, but not to UTF-8.
    let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    Ok(pad("", &c.to_string(), spec, '<'))
}

fn float(value: f64, spec: &Spec, type_name: &str) -> Result<String, String> {
    let precision = spec.precision.unwrap_or(6);
    let magnitude = value.abs();
    let mut text = match spec.kind {
        None if spec.precision.is_none() => python_float(magnitude),
        None => general(magnitude, precision, spec.alternate, true),
        Some('e' | 'E') => exponential(magnitude, precision),
        Some('f' | 'F') => format!("{magnitude:.precision$}"),
        Some('%') => format!("{:.precision$}", magnitude * 100.0),
        Some('g' | 'G' | 'n') => general(magnitude, precision, spec.alternate, false),
        Some(other) => return Err(unknown_code(other, type_name)),
    };
    if spec.alternate && !text.contains('.') {
        let at = text.find('e').unwrap_or(text.len());
        text.insert(at, '.');
    }
    if matches!(spec.kind, Some('E' | 'F' | 'G')) {
        text = text.to_uppercase();
    }
    if spec.kind == Some('%') {
        text.push('%');
    }
    let zero = spec.no_negative_zero && text.bytes().all(|b| matches!(b, b'0' | b'.' | b'%'));
    let sign = sign(value.is_sign_negative() && !zero, spec);
    let whole = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, tail) = text.split_at(whole);
    Ok(pad(sign, &group(digits, tail, sign.len(), 3, spec), spec, '>'))
}

/// `1.5e+03`: at least two digits of exponent.
fn exponential(magnitude: f64, precision: usize) -> String {
    let text = format!("{magnitude:.precision$e}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// `precision` significant digits, plain or with an exponent, whichever is shorter; `dot_zero` keeps a `.0`.
fn general(magnitude: f64, precision: usize, keep_zeros: bool, dot_zero: bool) -> String {
    let precision = precision.max(1);
    let scientific = exponential(magnitude, precision - 1);
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let power: i64 = exponent.parse().unwrap_or(0);
    let limit = i64::try_from(precision).unwrap_or(i64::MAX) - i64::from(dot_zero);
    let trim = |text: &str| {
        if keep_zeros || !text.contains('.') {
            return text.to_owned();
        }
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    if power < -4 || power >= limit {
        return format!("{}e{exponent}", trim(digits));
    }
    let places = usize::try_from(i64::try_from(precision).unwrap_or(i64::MAX) - 1 - power).unwrap_or(0);
    let mut plain = trim(&format!("{magnitude:.places$}"));
    if dot_zero && !plain.contains('.') {
        plain.push_str(".0");
    }
    plain
}

const fn sign(negative: bool, spec: &Spec) -> &'static str {
    match (negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    }
}

/// Puts separators between the digits; zeros that fill the width are digits too.
fn group(digits: &str, tail: &str, prefix: usize, size: usize, spec: &Spec) -> String {
    let Some(separator) = spec.grouping else { return format!("{digits}{tail}") };
    let mut length = digits.len();
    if spec.fill == '0' && spec.align == Some('=') {
        while length + (length - 1) / size + prefix + tail.len() < spec.width {
            length += 1;
        }
    }
    let padded = "0".repeat(length - digits.len()) + digits;
    let mut out = String::with_capacity(length * 2);
    for (i, digit) in padded.chars().enumerate() {
        if i > 0 && (length - i).is_multiple_of(size) {
            out.push(separator);
        }
        out.push(digit);
    }
    out + tail
}

fn pad(prefix: &str, body: &str, spec: &Spec, default_align: char) -> String {
    let missing = spec.width.saturating_sub(prefix.chars().count() + body.chars().count());
    let fill = |n: usize| spec.fill.to_string().repeat(n);
    match spec.align.unwrap_or(default_align) {
        '<' => format!("{prefix}{body}{}", fill(missing)),
        '^' => format!("{}{prefix}{body}{}", fill(missing / 2), fill(missing - missing / 2)),
        '=' => format!("{prefix}{}{body}", fill(missing)),
        _ => format!("{}{prefix}{body}", fill(missing)),
    }
}
