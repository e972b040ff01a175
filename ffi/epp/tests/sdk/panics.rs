//! Panics and errors of the author's code stay inside, and leave every status written.
use epp::sys;

use crate::host::{Buffers, Instance, Refusal};

fn panicking(at: &str) -> Result<Instance, Refusal> {
    Instance::create("panicking", &format!("{{\"at\": \"{at}\"}}"))
}

#[test]
fn in_create_and_info() {
    for (at, text) in [("create", "no instance today"), ("info", "no facts today")] {
        let refusal = panicking(at).err().unwrap();
        assert_eq!(refusal.code, sys::E_INTERNAL);
        assert!(
            refusal.text.starts_with("the plugin panicked: ") && refusal.text.contains(text),
            "{refusal:?}"
        );
    }
}

#[test]
fn in_the_middle_of_a_batch() {
    let instance = panicking("sample").unwrap();
    let mut buffers = Buffers::packed(&[1.0, 2.0, -3.0, 4.0], 4);
    let refusal = instance.evaluate(&buffers.batch()).unwrap_err();
    assert_eq!(
        refusal,
        Refusal { code: sys::E_INTERNAL, text: "the plugin panicked: negative coordinate -3".into() }
    );
    assert_eq!(buffers.statuses, [0, 0, sys::SAMPLE_INTERNAL, sys::SAMPLE_INTERNAL]);
    assert_eq!(buffers.energies[..2], [1.0, 2.0]);
    assert!(buffers.energies[2..].iter().all(|energy| energy.is_nan()));
    assert_eq!(buffers.gradients, [7.0, 7.0, 0.0, 0.0]);
    // And the instance goes on.
    let mut buffers = Buffers::packed(&[3.0], 1);
    assert_eq!(instance.evaluate(&buffers.batch()), Ok(()));
    assert_eq!((buffers.statuses[0], buffers.energies[0]), (0, 3.0));
}

#[test]
fn with_a_value_that_is_no_text() {
    let mut buffers = Buffers::packed(&[1.0], 1);
    let refusal = panicking("no-text").unwrap().evaluate(&buffers.batch()).unwrap_err();
    assert_eq!(refusal.text, "the plugin panicked: a value that is no text");
    assert_eq!(buffers.statuses, [sys::SAMPLE_INTERNAL]);
}

#[test]
#[cfg_attr(miri, ignore = "what the second panic throws is given up, which Miri calls a leak")]
fn with_a_value_that_panics_when_it_is_dropped() {
    let mut buffers = Buffers::packed(&[1.0], 1);
    let refusal = panicking("twice").unwrap().evaluate(&buffers.batch()).unwrap_err();
    assert_eq!(refusal.text, "the plugin panicked: a value that is no text");
    assert_eq!(buffers.statuses, [sys::SAMPLE_INTERNAL]);
}

#[test]
fn errors_and_forgotten_samples() {
    let mut buffers = Buffers::packed(&[1.0, 2.0, 3.0], 3);
    let refusal = panicking("error").unwrap().evaluate(&buffers.batch()).unwrap_err();
    assert_eq!(refusal, Refusal { code: sys::E_INTERNAL, text: "the rest is missing".into() });
    assert_eq!(buffers.statuses, [0, 8, 8]);

    let mut buffers = Buffers::packed(&[1.0, 2.0, 3.0], 3);
    assert_eq!(panicking("forget").unwrap().evaluate(&buffers.batch()), Ok(()));
    assert_eq!(buffers.statuses, [0, 8, 0]);
    assert!(buffers.energies[1].is_nan());
    assert_eq!(buffers.gradients, [1.0, 0.0, 1.0]);
}

#[test]
fn while_outputs_are_written() {
    let instance = panicking("outputs").unwrap();
    let mut buffers = Buffers::packed(&[1.0, 2.0], 2);
    let mut terms = [0.0; 2];
    let output = crate::host::output(0, &mut terms);
    let outputs = [&raw const output];
    let batch = sys::Batch { output_count: 1, outputs: outputs.as_ptr(), ..buffers.batch() };
    assert_eq!(instance.evaluate(&batch).unwrap_err().text, "the plugin panicked: no terms today");
    assert_eq!(buffers.statuses, [0, 8]);
    assert!(terms[0] == 5.0 && terms[1].is_nan(), "{terms:?}");
}

#[test]
fn an_instance_that_is_lost_says_so() {
    let mut buffers = Buffers::packed(&[1.0], 1);
    let refusal = panicking("lost").unwrap().evaluate(&buffers.batch()).unwrap_err();
    assert_eq!(refusal, Refusal { code: sys::E_LOST, text: "the device is gone".into() });
    assert_eq!(buffers.statuses, [sys::SAMPLE_INTERNAL]);
}

#[test]
fn in_derive() {
    for (at, code, text) in [
        ("derive", sys::E_INTERNAL, "no children today"),
        ("info", 0, ""),
        ("destroy", sys::E_UNSUPPORTED, "not this one"),
    ] {
        let Ok(instance) = panicking(at) else { continue };
        let refusal = instance.derive(&crate::host::request(c"", c"")).err().unwrap();
        assert!(refusal.code == code && refusal.text.contains(text), "{refusal:?}");
    }
}

#[test]
fn in_destroy() {
    drop(panicking("destroy").unwrap());
}
