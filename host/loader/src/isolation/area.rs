//! The memory that a worker shares with its host: a head with the two bells and one job, and the buffers of a batch.
//!
//! They are two files without a name (`memfd_create`), which vanish with the last process that has them, however that
//! ends. Each has its size, sealed, before the worker has it, so that no code of a plugin can ever cut one off under the
//! host. That of the head holds the order as well, and is there from the beginning; that of the buffers is made by the
//! host when it knows how large an instance is, and handed over.

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::ptr::{NonNull, null_mut};
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

use super::bell::Bell;
use super::message::Order;
use crate::output::MOST_OUTPUTS;

/// Bytes of the head; the order begins behind it, on a page of every common size.
pub(super) const HEAD: usize = 1 << 16;
/// What the buffers of one worker may take at most, unless one configuration alone needs more.
const BUFFERS: usize = 32 << 20;
/// No batch of a worker has more configurations than this.
const MOST: usize = 1 << 16;
/// Room for the sentence of a plugin that fails.
pub(super) const MESSAGE: usize = 512;

/// What is in the request bell when the worker shall leave.
pub(super) const LEAVE: u32 = u32::MAX;
/// What is in the answer bell when there is no worker any more.
pub(super) const GONE: u32 = u32::MAX;

/// What the worker is to do. Written by the host before it rings.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Job {
    pub(super) count: u64,
    pub(super) dtype: u32,
    pub(super) want: u32,
    /// 0: no box; 1: one for all; 2: one for each configuration.
    pub(super) boxes: u32,
    /// As `boxes`, for parameters.
    pub(super) parameters: u32,
    pub(super) deadline_ns: u64,
    pub(super) seed: u64,
    pub(super) first: u64,
    /// 0: no output is wanted. Else the places say which: a job without them is one cache line to hand over.
    pub(super) outputs: u32,
}

/// A set of places of outputs.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Places([u64; MOST_OUTPUTS / 64]);

impl Places {
    pub(super) fn insert(&mut self, place: usize) {
        self.0[place / 64] |= 1 << (place % 64);
    }

    pub(super) fn contains(&self, place: usize) -> bool {
        self.0[place / 64] & 1 << (place % 64) != 0
    }
}

/// How it went. Written by the worker before it rings.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Reply {
    pub(super) code: i32,
    pub(super) message: [u8; MESSAGE],
}

/// The head of the shared memory.
#[repr(C)]
pub(super) struct Head {
    pub(super) request: Bell,
    pub(super) answer: Bell,
    pub(super) cancel: AtomicU32,
    job: UnsafeCell<Job>,
    reply: UnsafeCell<Reply>,
    outputs: UnsafeCell<Places>,
}

const _: () = assert!(size_of::<Head>() <= HEAD);

/// Where the buffers lie, in bytes from their beginning. All rows are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) capacity: usize,
    pub(super) positions: usize,
    pub(super) gradients: usize,
    pub(super) energies: usize,
    pub(super) statuses: usize,
    pub(super) boxes: usize,
    pub(super) parameters: usize,
    /// All outputs, one after the other.
    pub(super) outputs: usize,
    end: usize,
}

impl Layout {
    /// All of them, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.end as u64
    }

    /// `row`, `parameters`, `outputs`: numbers of one configuration. `most`: the largest batch the plugin takes.
    pub(super) fn new(row: usize, parameters: usize, outputs: usize, most: Option<usize>) -> Self {
        let one = 8 * (2 * row + parameters + outputs + 9 + 1) + 4;
        let capacity = (BUFFERS / one).clamp(1, MOST).min(most.unwrap_or(MOST)).max(1);
        Self::of(row, parameters, outputs, capacity)
    }

    pub(super) fn of(row: usize, parameters: usize, outputs: usize, capacity: usize) -> Self {
        let mut end = 0;
        // Buffers begin on cache lines.
        let mut place = |bytes: usize| {
            let start = end;
            end = (end + bytes * capacity).next_multiple_of(64);
            start
        };
        Self {
            capacity,
            positions: place(8 * row),
            gradients: place(8 * row),
            energies: place(8),
            statuses: place(4),
            boxes: place(8 * 9),
            parameters: place(8 * parameters),
            outputs: place(8 * outputs),
            end,
        }
    }
}

/// A piece of the file in this process's address space.
struct Mapping {
    start: NonNull<c_void>,
    length: usize,
}

// SAFETY: it is an address range, unmapped once; who reads and writes in it follows the bells.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    fn new(file: BorrowedFd<'_>, length: usize) -> std::io::Result<Self> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address that the kernel chooses touches no memory of this process.
        let start = unsafe { mmap(null_mut(), length, access, MapFlags::SHARED, file, 0) }?;
        let start = NonNull::new(start).ok_or(std::io::ErrorKind::OutOfMemory)?;
        Ok(Self { start, length })
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: it was mapped by `new`, and the borrows that `Area` hands out end before it.
        let unmapped = unsafe { munmap(self.start.as_ptr(), self.length) };
        debug_assert!(unmapped.is_ok());
    }
}

/// A new file in memory of so many bytes, for good: nobody can make it shorter or longer, nor undo that.
fn sealed(length: usize, fill: impl FnOnce(&File) -> std::io::Result<()>) -> std::io::Result<File> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = File::from(memfd_create("freeland-worker", flags)?);
    ftruncate(&file, length as u64)?;
    fill(&file)?;
    fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    Ok(file)
}

/// The shared memory, as either side sees it.
pub(super) struct Area {
    file: File,
    head: Mapping,
    buffers: OnceLock<Mapping>,
}

impl Area {
    /// The host's: a new file whose head is zero and whose order is `order`.
    pub(super) fn create(order: &Order) -> std::io::Result<Self> {
        let text = serde_json::to_vec(order)?;
        let file = sealed(HEAD + text.len(), |file| file.write_all_at(&text, HEAD as u64))?;
        let head = Mapping::new(file.as_fd(), HEAD)?;
        Ok(Self { file, head, buffers: OnceLock::new() })
    }

    /// The worker's: the file it was started with, and the order in it.
    pub(super) fn open(file: OwnedFd) -> std::io::Result<(Self, Order)> {
        let file = File::from(file);
        let length = usize::try_from(file.metadata()?.len()).map_err(std::io::Error::other)?;
        let mut text = vec![0; length.checked_sub(HEAD).ok_or(std::io::ErrorKind::UnexpectedEof)?];
        file.read_exact_at(&mut text, HEAD as u64)?;
        let order = serde_json::from_slice(&text)?;
        let head = Mapping::new(file.as_fd(), HEAD)?;
        Ok((Self { file, head, buffers: OnceLock::new() }, order))
    }

    /// The file with the head and the order, to start the worker with.
    pub(super) fn file(&self) -> std::io::Result<OwnedFd> {
        Ok(self.file.try_clone()?.into())
    }

    /// The host's side, once it knows what the worker needs: makes the buffers. Gives their file, to hand over.
    pub(super) fn lay(&self, layout: &Layout) -> std::io::Result<OwnedFd> {
        let file = OwnedFd::from(sealed(layout.end.max(1), |_| Ok(()))?);
        self.map(file.as_fd(), layout)?;
        Ok(file)
    }

    /// Maps the buffers, of a file that was laid out so.
    pub(super) fn map(&self, file: BorrowedFd<'_>, layout: &Layout) -> std::io::Result<()> {
        let mapping = Mapping::new(file, layout.end.max(1))?;
        let _ = self.buffers.set(mapping);
        Ok(())
    }

    pub(super) fn head(&self) -> &Head {
        // SAFETY: the mapping is as long as a `Head`, aligned to a page, and all zeros is a `Head`. The other process may
        // write to it at any time; all of it is atomics and cells.
        unsafe { self.head.start.cast().as_ref() }
    }

    pub(super) fn job(&self) -> Job {
        // SAFETY: any bits are a `Job`; volatile because the other process may write it.
        unsafe { self.head().job.get().read_volatile() }
    }

    pub(super) fn set_job(&self, job: Job) {
        // SAFETY: as above; the worker reads it after it is rung for.
        unsafe { self.head().job.get().write_volatile(job) }
    }

    /// Which outputs the job wants: bit k set, the one at place k.
    pub(super) fn outputs(&self) -> Places {
        // SAFETY: as for `job`.
        unsafe { self.head().outputs.get().read_volatile() }
    }

    pub(super) fn set_outputs(&self, places: Places) {
        // SAFETY: as for `set_job`.
        unsafe { self.head().outputs.get().write_volatile(places) }
    }

    /// The code of the latest reply.
    pub(super) fn reply_code(&self) -> i32 {
        // SAFETY: as for `job`.
        unsafe { (&raw const (*self.head().reply.get()).code).read_volatile() }
    }

    /// The sentence of the latest reply.
    pub(super) fn reply_message(&self) -> [u8; MESSAGE] {
        // SAFETY: as for `job`.
        unsafe { (&raw const (*self.head().reply.get()).message).read_volatile() }
    }

    pub(super) fn set_reply(&self, code: i32, message: Option<&[u8; MESSAGE]>) {
        let reply = self.head().reply.get();
        // SAFETY: as for `job`; the host reads it after it is rung for.
        unsafe {
            (&raw mut (*reply).code).write_volatile(code);
            if let Some(message) = message {
                (&raw mut (*reply).message).write_volatile(*message);
            }
        }
    }

    /// The address of a buffer, given its place in the layout that was mapped.
    pub(super) fn buffer<T>(&self, place: usize) -> *mut T {
        let buffers = self.buffers.get().expect("buffers are mapped before a job is made");
        debug_assert!(place <= buffers.length);
        // SAFETY: places of the layout lie within the mapping that was made for it.
        unsafe { buffers.start.as_ptr().byte_add(place).cast() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_do_not_overlap_and_hold_what_they_must() {
        for (row, parameters, outputs, most) in
            [(2, 0, 0, None), (66, 3, 7, Some(100)), (3_000_000, 0, 0, None)]
        {
            let layout = Layout::new(row, parameters, outputs, most);
            let n = layout.capacity;
            assert!(
                (1..=most.unwrap_or(MOST)).contains(&n) && layout == Layout::of(row, parameters, outputs, n)
            );
            let places = [
                (layout.positions, 8 * row),
                (layout.gradients, 8 * row),
                (layout.energies, 8),
                (layout.statuses, 4),
                (layout.boxes, 72),
                (layout.parameters, 8 * parameters),
                (layout.outputs, 8 * outputs),
            ];
            for (pair, next) in places.windows(2).map(|pair| (pair[0], pair[1].0)) {
                assert!(pair.0 % 64 == 0 && pair.0 + pair.1 * n <= next);
            }
            assert!(layout.outputs + 8 * outputs * n <= layout.end);
        }
    }
}
