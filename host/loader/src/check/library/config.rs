//! Configurations: what is refused, and how.

use std::ffi::{CStr, CString};

use epp::sys;
use rand::RngCore;
use serde_json::{Map, Value, json};

use crate::check::bench::{Bench, demand};
use crate::check::raw::{Library, NO_REASON, Refusal, c_text};
use crate::check::verdict::{Finding, Outcome, failed};

/// Bytes of noise that are given as a configuration.
const NOISE: usize = 1 << 20;

pub(super) fn null(bench: &Bench<'_>) -> Outcome {
    if bench.plan.config.trim() != "{}" {
        return Err(Finding::Skipped("another configuration than {} was given".to_owned()));
    }
    let library = bench.library()?;
    let refusal = library.try_create(&c_text(bench.id)?, None, None)?.err();
    demand!(
        refusal.is_none(),
        "create with config_json NULL fails ({}), but {{}} is taken",
        refusal.map_or_else(String::new, |it| it.sentence())
    );
    Ok(String::new())
}

/// Demands that a configuration is refused, with the right code and a message.
fn refuse(bench: &Bench<'_>, library: &Library, what: &str, config: &CStr) -> Result<Refusal, Finding> {
    match library.try_create(&c_text(bench.id)?, Some(config), None)? {
        Ok(_) => Err(failed(format!("create takes {what}; a user's slip of the pen would go unnoticed"))),
        Err(refusal) if refusal.code != sys::E_BAD_CONFIG => Err(failed(format!(
            "create refuses {what} with code {}, expected {} (EPP_E_BAD_CONFIG)",
            refusal.code,
            sys::E_BAD_CONFIG
        ))),
        Err(refusal) if refusal.text == NO_REASON => {
            Err(failed(format!("create refuses {what} without a message")))
        }
        Err(refusal) => Ok(refusal),
    }
}

pub(super) fn malformed(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let texts: &[(&str, &CStr)] = &[
        ("an empty text", c""),
        ("white space", c" \n"),
        ("an array", c"[]"),
        ("a number", c"1"),
        ("null", c"null"),
        ("NaN", c"NaN"),
        ("an object that does not end", c"{"),
        ("a value that does not end", c"{\"a\": "),
        ("an object with NaN", c"{\"a\": NaN}"),
        ("text behind the object", c"{} {}"),
        ("bytes that are not UTF-8", c"\xff\xfe{}"),
        ("a key that is not UTF-8", c"{\"\xff\": 1}"),
    ];
    for (what, config) in texts {
        refuse(bench, &library, what, config)?;
    }
    let mut noise = vec![0_u8; NOISE];
    bench.random().fill_bytes(&mut noise);
    noise.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = 1);
    refuse(bench, &library, "1 MB of noise", &CString::new(noise).expect("zeros were replaced"))?;
    let deep = "{\"a\":".repeat(NOISE / 8);
    refuse(bench, &library, "an object nested 100000 deep", &c_text(&deep)?)?;
    Ok(String::new())
}

pub(super) fn keys(bench: &Bench<'_>) -> Outcome {
    let Some(schema) = &bench.descriptor()?.config_schema else {
        return Err(Finding::Skipped("it has no schema of its configuration".to_owned()));
    };
    let library = bench.library()?;
    let given: Map<String, Value> = serde_json::from_str(&bench.plan.config).unwrap_or_default();
    let mut tried = 0;
    if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
        let mut config = given.clone();
        config.insert("no-such-key".to_owned(), json!(1));
        let text = Value::Object(config).to_string();
        let refusal = refuse(bench, &library, &format!("the unknown key of {text}"), &c_text(&text)?)?;
        demand!(
            refusal.text.contains("no-such-key") || schema.get("properties").is_none(),
            "create refuses {text}, but its message does not name the key: {}",
            refusal.text
        );
        tried += 1;
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, property) in properties.into_iter().flatten() {
        let Some(wrong) = wrong_value(property, schema) else { continue };
        let mut config = given.clone();
        config.insert(key.clone(), wrong);
        let text = Value::Object(config).to_string();
        let refusal =
            refuse(bench, &library, &format!("{text}, where '{key}' has the wrong type"), &c_text(&text)?)?;
        demand!(
            refusal.text.contains(key.as_str()),
            "create refuses {text}, but its message does not name the key '{key}': {}",
            refusal.text
        );
        tried += 1;
    }
    if tried == 0 {
        return Err(Finding::Skipped("its schema allows any key, and any type".to_owned()));
    }
    Ok(format!("{tried} tried"))
}

/// A value of a type that the schema of a property does not allow; `None` where it does not say.
fn wrong_value(property: &Value, schema: &Value) -> Option<Value> {
    let mut types = Vec::new();
    collect_types(property, schema, 0, &mut types)?;
    let all = [
        ("object", json!({"no": "such"})),
        ("array", json!(["no", ["such"]])),
        ("boolean", json!(true)),
        ("string", json!("no such value")),
        ("number", json!(1.5)),
    ];
    let allowed = |name: &str| types.iter().any(|it| it == name || (it == "integer" && name == "number"));
    if types.is_empty() {
        return None;
    }
    all.into_iter().find(|(name, _)| !allowed(name)).map(|(_, value)| value)
}

/// The types a property may have; `None` where that cannot be told.
fn collect_types(property: &Value, schema: &Value, depth: usize, types: &mut Vec<String>) -> Option<()> {
    if depth > 8 {
        return None;
    }
    if let Some(reference) = property.get("$ref").and_then(Value::as_str) {
        return collect_types(schema.pointer(reference.strip_prefix('#')?)?, schema, depth + 1, types);
    }
    for combined in ["anyOf", "oneOf"] {
        if let Some(options) = property.get(combined).and_then(Value::as_array) {
            return options.iter().try_for_each(|option| collect_types(option, schema, depth + 1, types));
        }
    }
    match property.get("type") {
        Some(Value::String(name)) => types.push(name.clone()),
        Some(Value::Array(names)) => types.extend(names.iter().filter_map(Value::as_str).map(str::to_owned)),
        _ if property.get("const").or_else(|| property.get("enum")).is_some() => {
            types.push("string".to_owned())
        }
        _ => return None,
    }
    Some(())
}
