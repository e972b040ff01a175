//! What can be said of the file, before and while the system maps it.

use object::{Object, ObjectSymbol, ReadCache, SymbolKind};

use crate::check::bench::{Bench, demand};
use crate::check::verdict::{Finding, Outcome, failed};
use crate::entry::Head;
use crate::manifest::{Manifest, sha256};
use crate::needed::needed;

/// Reads the file's tables; nothing is mapped.
fn read<R>(
    bench: &Bench<'_>,
    look: impl FnOnce(&object::File<'_, &ReadCache<std::fs::File>>) -> Result<R, Finding>,
) -> Result<R, Finding> {
    let path = &bench.plan.library;
    let file = std::fs::File::open(path).map_err(|error| failed(format!("it cannot be read: {error}")))?;
    let cache = ReadCache::new(file);
    let file =
        object::File::parse(&cache).map_err(|error| failed(format!("it is no shared library: {error}")))?;
    look(&file)
}

pub(super) fn entry_symbol(bench: &Bench<'_>) -> Outcome {
    read(bench, |file| {
        let named = |name: &str| {
            name == epp::sys::ENTRY_SYMBOL || name.strip_prefix('_') == Some(epp::sys::ENTRY_SYMBOL)
        };
        let symbol = file
            .dynamic_symbols()
            .chain(file.symbols())
            .find(|symbol| symbol.is_definition() && symbol.is_global() && symbol.name().is_ok_and(named));
        let Some(symbol) = symbol else {
            return Err(failed(format!(
                "it does not export {}; define it as `const epp_entry {}`, in C++ inside extern \"C\", with EPP_EXPORT",
                epp::sys::ENTRY_SYMBOL,
                epp::sys::ENTRY_SYMBOL
            )));
        };
        demand!(
            symbol.kind() != SymbolKind::Text,
            "{} is a function; it must be a const epp_entry",
            epp::sys::ENTRY_SYMBOL
        );
        Ok(String::new())
    })
}

pub(super) fn exports(bench: &Bench<'_>) -> Outcome {
    read(bench, |file| {
        let exports =
            file.exports().map_err(|error| failed(format!("its exports cannot be read: {error}")))?;
        let names: Vec<String> = exports
            .iter()
            .map(|export| String::from_utf8_lossy(export.name()).into_owned())
            // What the linker itself adds.
            .filter(|name| !["_init", "_fini", "_edata", "_end", "__bss_start"].contains(&name.as_str()))
            .filter(|name| !name.ends_with(epp::sys::ENTRY_SYMBOL))
            .collect();
        match names.as_slice() {
            [] => Ok(String::new()),
            [first, ..] => Err(Finding::Warning(format!(
                "it also exports {} symbols, '{first}' among them, which may clash with other plugins; compile with \
                 -fvisibility=hidden",
                names.len()
            ))),
        }
    })
}

pub(super) fn dependencies(bench: &Bench<'_>) -> Outcome {
    let path = &bench.plan.library;
    let needed = needed(path).map_err(|error| failed(format!("it cannot be read: {error}")))?;
    let named =
        |name: &&String| ["libtorch", "libc10", "libpython"].iter().any(|begin| name.starts_with(begin));
    match needed.iter().find(named) {
        None => {
            Ok(format!("needs {}", if needed.is_empty() { "nothing".to_owned() } else { needed.join(", ") }))
        }
        Some(name) => Err(Finding::Warning(format!(
            "it needs {name}: a host that has another build of it in its process will crash; run it with isolation, or link \
             it statically with hidden symbols"
        ))),
    }
}

pub(super) fn loads(bench: &Bench<'_>) -> Outcome {
    bench.mapped()?;
    Ok(String::new())
}

pub(super) fn manifest(bench: &Bench<'_>) -> Outcome {
    let path = Manifest::path_of(&bench.plan.library);
    if !path.exists() {
        return Err(Finding::Skipped("there is no manifest beside the library".to_owned()));
    }
    let manifest = Manifest::read(&path).map_err(|error| failed(error.to_string()))?;
    let Head { major, minor, .. } = bench.mapped()?.head()?;
    let found = Manifest {
        manifest_version: manifest.manifest_version,
        library: crate::text::name(&bench.plan.library),
        sha256: sha256(&bench.plan.library).map_err(|error| failed(error.to_string()))?,
        abi: crate::library_file::Abi { major, minor },
        potentials: bench.library()?.descriptors()?,
    };
    demand!(
        manifest.library == found.library,
        "the manifest is one of '{}'; make it anew by 'freeland plugin manifest'",
        manifest.library
    );
    match manifest.mismatch(&found) {
        None => Ok(String::new()),
        Some(what) => Err(failed(format!("the {what} differs; make it anew by 'freeland plugin manifest'"))),
    }
}
