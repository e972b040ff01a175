//! Configurations: defaults, refusals that name the key, and the schema.
use std::ffi::CStr;

use epp::sys;

use crate::host::{Instance, entry, request};

fn text_of(config: &str) -> String {
    let refusal = Instance::create("chain", config).err().expect("a refusal");
    assert_eq!(refusal.code, sys::E_BAD_CONFIG, "{refusal:?}");
    refusal.text
}

#[test]
fn messages_name_the_key() {
    let cases = [
        (r#"{"atoms": "many"}"#, &["`atoms`", "\"many\"", "usize"][..]),
        (r#"{"atoms": -1}"#, &["`atoms`", "-1"]),
        (r#"{"atoms": NaN}"#, &["expected value"]),
        (r#"{"spring": {"constant": [1]}}"#, &["`spring.constant`", "sequence", "f64"]),
        (r#"{"spring": {}}"#, &["`spring`", "missing field `constant`"]),
        (r#"{"spring": {"constant": -2}}"#, &["spring.constant: must not be negative"]),
        (r#"{"colour": 1}"#, &["colour", "expected one of", "sleep-ms"]),
        (r#"{"spring": {"constant": 1, "colour": 1}}"#, &["spring", "colour"]),
        (r#"{"spring": {"constant": 1e999}}"#, &["out of range"]),
        (r#"{"atoms": 1, "atoms": 2}"#, &["duplicate field `atoms`"]),
        (r#"{"atoms": 1} {"#, &["trailing characters"]),
        (r#"{"atoms": 1"#, &["EOF"]),
        ("", &["must be a JSON object"]),
        ("[1, 2]", &["must be a JSON object", "[1, 2]"]),
        ("null", &["must be a JSON object", "null"]),
    ];
    for (config, expected) in cases {
        let text = text_of(config);
        for part in expected {
            assert!(text.contains(part), "{config} gives: {text}");
        }
    }
}

#[test]
fn noise_is_refused() {
    // A megabyte, or what Miri reads in the same time.
    let length = if cfg!(miri) { 1 << 10 } else { 1 << 20 };
    let megabyte = format!("{{\"{}\": 1}}", "x".repeat(length));
    assert!(text_of(&megabyte).starts_with("configuration"), "cut, but there");
    assert!(text_of(&format!("{{{}", "[".repeat(length))).starts_with("configuration"));
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let refusal = Instance::from_request(&request(c"chain", c"{\"a\xff\": 1}")).err().unwrap();
    assert_eq!(refusal.code, sys::E_BAD_CONFIG);
    assert!(refusal.text.contains("not UTF-8 from byte 3 on"), "{}", refusal.text);
}

#[test]
fn null_means_an_empty_object() {
    let request = sys::Create { config_json: std::ptr::null(), ..request(c"chain", c"") };
    assert!(Instance::from_request(&request).is_ok());
}

#[test]
fn the_descriptor_says_what_the_author_said() {
    // SAFETY: the functions take any index; descriptors and their texts live as long as the process.
    unsafe {
        assert_eq!(entry().count.unwrap()(), 4);
        assert!(entry().descriptor.unwrap()(4).is_null());
        let descriptor = &*entry().descriptor.unwrap()(0);
        assert_eq!(descriptor.struct_size as usize, size_of::<sys::Descriptor>());
        let text = |pointer| CStr::from_ptr(pointer).to_str().unwrap();
        assert_eq!((text(descriptor.id), text(descriptor.name)), ("chain", "A chain"));
        assert_eq!((text(descriptor.version), text(descriptor.vendor)), ("1.2.3", "tests"));
        assert!(descriptor.url.is_null());
        assert_eq!(descriptor.thread_model, sys::THREADS_CONCURRENT);
        assert_eq!(descriptor.determinism, sys::DETERMINISM_BITWISE);
        assert_eq!(descriptor.dtypes, sys::DTYPE_F64 | sys::DTYPE_F32);
        assert_eq!(descriptor.symmetries, sys::SYMMETRY_ROTATION | sys::SYMMETRY_INVERSION);
        assert_eq!((descriptor.topology, descriptor.flags, descriptor.required), (sys::TOPOLOGY_USED, 0, 0));
        let required = std::slice::from_raw_parts(descriptor.required_extensions, 3);
        assert_eq!((text(required[0]), text(required[1])), ("test.one/1", "test.two/1"));
        assert!(required[2].is_null());

        let schema: serde_json::Value = serde_json::from_str(text(descriptor.config_schema_json)).unwrap();
        assert_eq!(schema["properties"]["atoms"]["description"], "Number of atoms.");
        assert_eq!(schema["properties"]["sleep-ms"]["type"], "integer");
        assert_eq!(schema["additionalProperties"], false);

        let plain = &*entry().descriptor.unwrap()(2);
        assert_eq!(text(plain.name), "plain", "the id stands in for a name");
        assert!(plain.required_extensions.is_null());
    }
}
