//! The configuration: JSON text to the author's type, and the author's type to its JSON Schema.
use std::ffi::{CStr, c_char};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use crate::sys;

/// Reads the configuration. Null means `{}`. The message names the key, its path and what was expected.
///
/// # Safety
/// `text` is null or NUL-terminated.
pub(super) unsafe fn parse<C: DeserializeOwned>(text: *const c_char) -> Result<C, Failure> {
    let bad = |text: String| Failure::new(sys::E_BAD_CONFIG, text);
    let text = if text.is_null() {
        "{}"
    } else {
        // SAFETY: not null, and by the caller's promise NUL-terminated.
        unsafe { CStr::from_ptr(text) }.to_str().map_err(|error| {
            bad(format!("the configuration is not UTF-8 from byte {} on", error.valid_up_to()))
        })?
    };
    if !text.trim_start().starts_with('{') {
        let found: String = text.trim_start().chars().take(20).collect();
        return Err(bad(format!("the configuration must be a JSON object, such as {{}}; found `{found}`")));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let config = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() && path != "." {
            // The path says where; line and column of a text that the host wrote do not help anybody.
            let message = inner.to_string();
            let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
            bad(format!("configuration key `{path}`: {message}"))
        } else {
            bad(format!("configuration: {inner}"))
        }
    })?;
    json.end().map_err(|error| bad(format!("configuration: {error}")))?;
    Ok(config)
}

/// The JSON Schema of the author's type.
pub(super) fn schema<C: JsonSchema>() -> String {
    schemars::schema_for!(C).as_value().to_string()
}
