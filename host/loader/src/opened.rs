//! The file of a library, held open: what was looked at and hashed is what is loaded.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Seek, SeekFrom};
use std::os::fd::IntoRawFd;
use std::os::unix::fs::{FileExt, FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use object::elf::{DT_RPATH, DT_RUNPATH, FileHeader64, PT_LOAD};
use object::read::ReadCache;
use object::read::elf::{Dyn, ElfFile, FileHeader, ProgramHeader};
use sha2::{Digest, Sha256};

use crate::library_file::Version;

/// A regular file, open for reading.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) path: PathBuf,
    pub(crate) version: Version,
    file: File,
}

impl Opened {
    /// Opens a file, and nothing that is none: a pipe that nobody writes to would block, a device never end.
    pub(crate) fn new(path: &Path) -> std::io::Result<Self> {
        let file = OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path)?;
        let metadata = file.metadata()?;
        let kind = metadata.file_type();
        if !kind.is_file() {
            let found = match kind {
                kind if kind.is_dir() => "a folder",
                kind if kind.is_fifo() => "a pipe",
                kind if kind.is_socket() => "a socket",
                _ => "a device",
            };
            return Err(Error::new(ErrorKind::InvalidInput, format!("it is {found}, expected a file")));
        }
        Ok(Self { path: path.to_owned(), version: Version::new(&metadata), file })
    }

    /// The file.
    pub(crate) fn as_file(&self) -> &File {
        &self.file
    }

    /// Its metadata now.
    pub(crate) fn metadata(&self) -> std::io::Result<std::fs::Metadata> {
        self.file.metadata()
    }

    /// All of it; an error where that is more than `most` bytes.
    pub(crate) fn read(&self, most: u64) -> std::io::Result<Vec<u8>> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        let read = file.take(most + 1).read_to_end(&mut bytes)? as u64;
        if read > most { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
    }

    /// The sha256 of its bytes, in lower-case hexadecimal.
    pub(crate) fn sha256(&self) -> std::io::Result<String> {
        let mut hash = Sha256::new();
        let (mut chunk, mut at) = (vec![0; 1 << 16], 0);
        loop {
            match self.file.read_at(&mut chunk, at)? {
                0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
                read => {
                    hash.update(&chunk[..read]);
                    at += read as u64;
                }
            }
        }
    }

    /// How many bytes an ELF file must have so that all of it that is mapped is there; 0 of another file.
    pub(crate) fn mapped_end(&self) -> u64 {
        let cache = ReadCache::new(&self.file);
        let Ok(header) = FileHeader64::<object::Endianness>::parse(&cache) else { return 0 };
        let Ok(endian) = header.endian() else { return 0 };
        // A table that is not there is beyond the end as well.
        let Ok(segments) = header.program_headers(endian, &cache) else { return u64::MAX };
        let loaded = segments.iter().filter(|segment| segment.p_type(endian) == PT_LOAD);
        loaded
            .map(|segment| segment.p_offset(endian).saturating_add(segment.p_filesz(endian)))
            .max()
            .unwrap_or(0)
    }

    /// Whether it looks for libraries relative to where it lies itself (`$ORIGIN`).
    pub(crate) fn looks_around(&self) -> bool {
        let cache = ReadCache::new(&self.file);
        let Ok(file) = ElfFile::<FileHeader64<object::Endianness>, _>::parse(&cache) else {
            return false;
        };
        let (endian, data, sections) = (file.endian(), file.data(), file.elf_section_table());
        let Ok(Some((entries, strings))) = sections.dynamic(endian, data) else { return false };
        let strings = sections.strings(endian, data, strings).unwrap_or_default();
        entries.iter().any(|entry| {
            let tag = entry.tag32(endian).map(i64::from);
            [DT_RPATH, DT_RUNPATH].map(Some).contains(&tag)
                && entry.string(endian, strings).is_ok_and(|text| text.contains(&b'$'))
        })
    }

    /// A path of the open file itself, whatever happens to its name. It stays open for good from here on, so that no other
    /// file ever gets this path. Its name on systems without `/proc`.
    pub(crate) fn lasting_path(&self) -> std::io::Result<PathBuf> {
        if cfg!(not(target_os = "linux")) {
            return self.path.canonicalize();
        }
        Ok(format!("/proc/self/fd/{}", self.file.try_clone()?.into_raw_fd()).into())
    }
}

/// `O_NONBLOCK`: nobody waits for the other end of a pipe.
const NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits() as i32;
