//! From an error of the TOML reader to file, line, key, and a sentence.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Refusal};

/// How near a known key must be to an unknown one to be suggested (Jaro-Winkler; 1 is equal).
const SIMILAR: f64 = 0.75;

/// Explains why `text` was refused.
pub(super) fn explain(text: &str, file: &Path, error: &toml::de::Error) -> ConfigError {
    let line = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
    let start = error.span().map_or(0, |span| span.start);
    let message = error.message();
    let Ok(document) = DeTable::parse(text) else {
        let message = message.to_owned();
        return ConfigError::Syntax { file: file.to_owned(), line: line(start), message };
    };
    // A missing top-level key is reported with the span of the whole document.
    let whole = error.span().is_none_or(|span| span == document.span());
    let here = if whole { String::new() } else { key_at(document.get_ref(), start) };
    // serde: "unknown field `a`, expected one of `b`, `c`" and "missing field `a`".
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let refusal = match words.as_slice() {
        [unknown, known @ ..] if message.starts_with("unknown field") => {
            let named = here.rsplit('.').next() == Some(unknown);
            let key = if named { here } else { join(&here, unknown) };
            Refusal::new(key, unknown_key(unknown, known))
        }
        [missing, ..] if message.starts_with("missing field") => {
            Refusal::new(join(&here, missing), "missing; this key has no default")
        }
        _ => match message.split_once(": ") {
            Some((key, reason)) if is_key(key) => Refusal::new(key, reason),
            _ => Refusal::new(here, message),
        },
    };
    let offset = offset_of(document.get_ref(), &refusal.key).unwrap_or(start);
    ConfigError::Refused { file: file.to_owned(), line: line(offset), refusal }
}

fn unknown_key(unknown: &str, known: &[&str]) -> String {
    let similarity = |known: &str| strsim::jaro_winkler(unknown, known);
    let nearest = known.iter().copied().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    match nearest {
        Some(nearest) if similarity(nearest) > SIMILAR => format!("unknown key; did you mean '{nearest}'?"),
        Some(_) => format!("unknown key; expected one of {}", known.join(", ")),
        None => "unknown key; nothing is expected here".to_owned(),
    }
}

fn join(table: &str, key: &str) -> String {
    if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") }
}

fn is_key(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.[]".contains(c);
    !text.is_empty() && text.chars().all(plain)
}

/// The full key at a byte offset: the deepest key or value that spans it, `""` at the top.
fn key_at(table: &DeTable<'_>, offset: usize) -> String {
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        if key.span().contains(&offset) {
            return name.to_owned();
        }
        let inside = in_value(value, offset);
        if let Some(inside) = inside {
            return if inside.starts_with('[') { format!("{name}{inside}") } else { join(name, &inside) }
                .trim_end_matches('.')
                .to_owned();
        }
    }
    String::new()
}

/// The key inside a value at an offset: `Some("")` for the value itself, `None` if it is elsewhere.
fn in_value(value: &Spanned<DeValue<'_>>, offset: usize) -> Option<String> {
    let deeper = match value.get_ref() {
        // A table may be spread over several headers, so its own span is not asked first.
        DeValue::Table(table) => Some(key_at(table, offset)).filter(|key| !key.is_empty()),
        DeValue::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            let inside = in_value(item, offset)?;
            Some(if inside.is_empty() { format!("[{index}]") } else { format!("[{index}].{inside}") })
        }),
        _ => None,
    };
    deeper.or_else(|| value.span().contains(&offset).then(String::new))
}

/// Where a full key is written, or the nearest table around it.
fn offset_of(table: &DeTable<'_>, key: &str) -> Option<usize> {
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    let (name, index) = match first.split_once('[') {
        Some((name, index)) => (name, index.trim_end_matches(']').parse::<usize>().ok()),
        None => (first, None),
    };
    let (written, value) = table.iter().find(|(key, _)| key.get_ref().as_ref() == name)?;
    let value = match (value.get_ref(), index) {
        (DeValue::Array(items), Some(index)) => items.get(index),
        _ => Some(value),
    };
    let start = if index.is_some() { value.map(|value| value.span().start) } else { None };
    let deeper = match value.map(Spanned::get_ref) {
        Some(DeValue::Table(table)) if !rest.is_empty() => offset_of(table, rest),
        _ => None,
    };
    deeper.or(start).or(Some(written.span().start))
}
