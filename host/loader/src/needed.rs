//! The libraries that a library asks for by name.

use std::path::Path;

use object::elf::{DT_NEEDED, FileHeader64};
use object::read::elf::{Dyn, ElfFile};

/// `DT_NEEDED` of an ELF file, in its order; none for other formats.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn needed(library: &Path) -> std::io::Result<Vec<String>> {
    let bytes = std::fs::read(library)?;
    let Ok(file) = ElfFile::<FileHeader64<object::Endianness>>::parse(&*bytes) else { return Ok(Vec::new()) };
    let (endian, data, sections) = (file.endian(), file.data(), file.elf_section_table());
    let Ok(Some((entries, strings))) = sections.dynamic(endian, data) else { return Ok(Vec::new()) };
    let strings = sections.strings(endian, data, strings).unwrap_or_default();
    Ok(entries
        .iter()
        .filter(|entry| entry.tag32(endian).map(i64::from) == Some(DT_NEEDED))
        .filter_map(|entry| entry.string(endian, strings).ok())
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect())
}
