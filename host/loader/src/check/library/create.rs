//! Making instances: of what exists, and of what does not.

use std::ffi::CString;
use std::ptr::null_mut;

use epp::sys;

use crate::check::bench::{Bench, demand};
use crate::check::demand::UNKNOWN_BITS;
use crate::check::memory::{Memory, Placement};
use crate::check::raw::{c_text, request};
use crate::check::verdict::{Finding, Outcome, failed};
use crate::host;

pub(super) fn unknown_id(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let known: Vec<&str> = bench.descriptors.iter().map(|descriptor| descriptor.id.as_str()).collect();
    let mut wrong = vec!["no-such-potential".to_owned(), String::new(), "\u{1f9ea}".to_owned()];
    for id in &known {
        wrong.extend([
            format!("{id}x"),
            format!("{id} "),
            format!("{id}\n"),
            format!("x{id}"),
            id.to_uppercase(),
        ]);
        wrong.push(id[..id.len() - 1].to_owned());
    }
    for id in wrong.iter().filter(|id| !known.contains(&id.as_str())) {
        let config = c_text(&bench.plan.config)?;
        match library.try_create(&c_text(id)?, Some(&config), None) {
            Ok(Err(refusal)) => {
                demand!(
                    refusal.code == sys::E_UNKNOWN_ID,
                    "create of '{}' is refused with code {}, expected {} (EPP_E_UNKNOWN_ID)",
                    id.escape_debug(),
                    refusal.code,
                    sys::E_UNKNOWN_ID
                );
                demand!(
                    refusal.text != crate::check::raw::NO_REASON,
                    "create of '{}' is refused without a message",
                    id.escape_debug()
                );
            }
            Ok(Ok(_)) | Err(_) => {
                return Err(failed(format!(
                    "create makes something of the id '{}', which it does not have; compare the whole id",
                    id.escape_debug()
                )));
            }
        }
    }
    Ok(String::new())
}

/// Ids that look like extensions, and are none.
const NO_EXTENSIONS: &[&str] = &[
    "freeland.no-such-extension/1",
    "",
    "epp.",
    "epp.topology/",
    "epp.topology/11",
    "epp.reference/1 ",
    "epp.outputs/999",
];

pub(super) fn unknown_extension(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let Some(extension) = library.entry.extension else {
        return Err(Finding::Skipped("the library has no function `extension`".to_owned()));
    };
    for id in NO_EXTENSIONS {
        // SAFETY: the text lives through the call.
        let found = unsafe { extension(c_text(id)?.as_ptr()) };
        demand!(found.is_null(), "extension(\"{id}\") of the library is not NULL; compare the whole id");
    }
    Ok(String::new())
}

pub(super) fn unknown_instance_extension(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let instance = bench.instance(&library)?;
    if instance.extension.is_none() {
        return Err(Finding::Skipped("the instance has no function `extension`".to_owned()));
    }
    for id in NO_EXTENSIONS {
        demand!(
            instance.extension(&c_text(id)?).is_null(),
            "extension(\"{id}\") of the instance is not NULL; compare the whole id"
        );
    }
    Ok(String::new())
}

pub(super) fn required_bits(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let (id, config) = (c_text(bench.id)?, c_text(&bench.plan.config)?);
    for required in UNKNOWN_BITS {
        let asked = sys::Create { required, ..request(&id, Some(&config), None) };
        match library.try_request(&asked)? {
            Ok(_) => {
                return Err(failed(format!(
                    "create takes a request whose `required` has the bit {required:#x}, which it cannot know; refuse it with code \
                     {}",
                    sys::E_UNSUPPORTED
                )));
            }
            Err(refusal) => demand!(
                refusal.code == sys::E_UNSUPPORTED,
                "create refuses a request whose `required` has the bit {required:#x} with code {}, expected {} (EPP_E_UNSUPPORTED)",
                refusal.code,
                sys::E_UNSUPPORTED
            ),
        }
    }
    Ok(String::new())
}

pub(super) fn required_extensions(bench: &Bench<'_>) -> Outcome {
    let missing = |name: &&String| !host::EXTENSIONS.contains(&name.as_str());
    match bench.descriptor()?.required_extensions.iter().find(missing) {
        None => Ok(String::new()),
        Some(name) => {
            Err(failed(format!("it needs the host extension '{name}', which this host does not have")))
        }
    }
}

pub(super) fn create(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let config = c_text(&bench.plan.config)?;
    let instance = library.try_create(&c_text(bench.id)?, Some(&config), None)?.map_err(|refusal| {
        let advice =
            if refusal.code == sys::E_BAD_CONFIG { "; give one that it takes by --config" } else { "" };
        failed(format!(
            "create with the configuration {} fails ({}){advice}",
            bench.plan.config,
            refusal.sentence()
        ))
    })?;
    let info = instance.info(bench.descriptor()?)?;
    let again = instance.info(bench.descriptor()?)?;
    demand!(info == again, "info says something else when it is asked again");
    Ok(format!("{} atoms in {} dimensions", info.atoms, info.dimensions))
}

/// Provokes a message with an id that does not exist, into a buffer of `capacity` bytes that ends at a guard page.
pub(super) fn error_buffer(bench: &Bench<'_>) -> Outcome {
    let library = bench.library()?;
    let id = CString::new("no-such-potential").expect("no NUL");
    let no_memory = |error: std::io::Error| Finding::Skipped(format!("no memory: {error}"));
    for capacity in [1_usize, 2, 16, 4096] {
        let mut buffer = Memory::new(capacity, Placement::BeforeGuard).map_err(no_memory)?;
        buffer.bytes_mut().fill(0xa5);
        let mut error = sys::Error {
            struct_size: size_of::<sys::Error>() as u64,
            text: buffer.pointer().cast(),
            capacity: capacity as u64,
        };
        let mut out = null_mut();
        // SAFETY: texts and buffers live through the call; what is behind the buffer cannot be written.
        unsafe { (library.entry.create)(&request(&id, Some(c"{}"), None), &mut out, &mut error) };
        demand!(
            buffer.bytes().contains(&0),
            "a message into a buffer of {capacity} bytes has no NUL: readers run beyond its end"
        );
        let end = buffer.bytes().iter().position(|&byte| byte == 0).unwrap_or(0);
        demand!(
            capacity > 16 || std::str::from_utf8(&buffer.bytes()[..end]).is_ok(),
            "a message that is cut to {capacity} bytes is not UTF-8 any more"
        );
    }
    let mut nowhere =
        sys::Error { struct_size: size_of::<sys::Error>() as u64, text: null_mut(), capacity: 100 };
    let mut byte = 0_u8;
    let mut empty = sys::Error {
        struct_size: size_of::<sys::Error>() as u64,
        text: std::ptr::from_mut(&mut byte).cast(),
        capacity: 0,
    };
    let mut out = null_mut();
    for error in [null_mut(), &raw mut nowhere, &raw mut empty] {
        // SAFETY: an epp_error may be NULL, have no text, or no room.
        let code = unsafe { (library.entry.create)(&request(&id, Some(c"{}"), None), &mut out, error) };
        demand!(code == sys::E_UNKNOWN_ID, "without room for a message, create gives code {code}");
    }
    Ok(String::new())
}
