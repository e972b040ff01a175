//! Checks of the library: its file, its entry, what it says of itself, and the making of instances.

mod config;
mod create;
mod entry;
mod file;
mod tables;
mod versions;

use super::rule::Check;
use super::verdict::Grade::{Consistency, Information, Mandatory};

pub(crate) const CHECKS: &[Check] = &[
    Check::new(
        "library/entry-symbol",
        Mandatory,
        "The file is a shared library that exports epp_plugin_entry, as data",
        &[],
        file::entry_symbol,
    )
    .of_library(),
    Check::new(
        "library/exports",
        Information,
        "It exports nothing but its entry",
        &["library/entry-symbol"],
        file::exports,
    )
    .of_library(),
    Check::new(
        "library/dependencies",
        Information,
        "It needs neither libtorch nor libpython",
        &["library/entry-symbol"],
        file::dependencies,
    )
    .of_library(),
    Check::new(
        "library/loads",
        Mandatory,
        "The system's loader maps it, and resolves all its symbols",
        &["library/entry-symbol"],
        file::loads,
    )
    .of_library(),
    Check::new(
        "library/magic-and-major",
        Mandatory,
        "The entry begins with the magic number and with major version 1",
        &["library/loads"],
        entry::magic_and_major,
    )
    .of_library(),
    Check::new(
        "library/entry-struct",
        Mandatory,
        "The entry says its size, and has all functions",
        &["library/magic-and-major"],
        entry::functions,
    )
    .of_library(),
    Check::new(
        "library/descriptors",
        Mandatory,
        "Every potential is described as the header demands",
        &["library/entry-struct"],
        entry::descriptors,
    )
    .of_library(),
    Check::new(
        "library/descriptor-beyond-count",
        Mandatory,
        "descriptor is NULL beyond count",
        &["library/descriptors"],
        entry::descriptor_beyond_count,
    )
    .of_library(),
    Check::new(
        "library/load-time",
        Information,
        "Loading takes less than half a second",
        &["library/entry-struct"],
        entry::load_time,
    )
    .of_library(),
    Check::new(
        "library/manifest",
        Mandatory,
        "The manifest says what the library says",
        &["library/descriptors"],
        file::manifest,
    )
    .of_library()
    .applies("a manifest lies beside the library"),
    Check::new(
        "library/unknown-id",
        Mandatory,
        "create refuses an id that it does not have, one with trailing garbage, a cut one and an empty one",
        &["library/descriptors"],
        create::unknown_id,
    )
    .of_library(),
    Check::new(
        "library/unknown-extension",
        Mandatory,
        "The library knows no extension that does not exist",
        &["library/descriptors"],
        create::unknown_extension,
    )
    .of_library()
    .applies("the library has the function `extension`"),
    Check::new(
        "library/required-extensions",
        Mandatory,
        "It needs no host extension that this host lacks",
        &["library/descriptors"],
        create::required_extensions,
    ),
    Check::new(
        "library/create",
        Mandatory,
        "An instance is made, and its facts make sense",
        &["library/required-extensions"],
        create::create,
    ),
    Check::new(
        "library/host-struct-sizes",
        Mandatory,
        "create takes a shorter and a longer epp_create and epp_host",
        &["library/create"],
        versions::host,
    ),
    Check::new(
        "library/required-bits",
        Mandatory,
        "create refuses a request that needs what the plugin does not know",
        &["library/create"],
        create::required_bits,
    ),
    Check::new(
        "library/tables",
        Mandatory,
        "Outputs, parameters and golden samples are listed as the header demands, each index answers, and none beyond",
        &["library/create"],
        tables::indices,
    ),
    Check::new(
        "library/null-config",
        Mandatory,
        "No configuration means {}",
        &["library/create"],
        config::null,
    )
    .applies("created with the configuration {}"),
    Check::new(
        "library/bad-config",
        Mandatory,
        "A text that is no JSON object is refused with a message, and so are bytes that are not UTF-8",
        &["library/create"],
        config::malformed,
    ),
    Check::new(
        "library/config-keys",
        Consistency,
        "Unknown keys and values of the wrong type are refused, with a message that names the key",
        &["library/bad-config"],
        config::keys,
    )
    .applies("the schema of the configuration says that other keys are not allowed, or what type a key has"),
    Check::new(
        "library/error-buffer",
        Mandatory,
        "A message stays within the caller's buffer, ends with NUL, and may be unwanted",
        &["library/unknown-id"],
        create::error_buffer,
    )
    .of_library(),
    Check::new(
        "library/struct-sizes",
        Mandatory,
        "create takes a shorter and a longer epp_topology and epp_error; info and tables fill no more than the struct holds",
        &["library/create"],
        versions::instance,
    ),
    Check::new(
        "library/instance-extension",
        Mandatory,
        "An instance knows no extension that does not exist",
        &["library/create"],
        create::unknown_instance_extension,
    )
    .applies("the instance has the function `extension`"),
];
