//! The worker's side: confine, load, create, then evaluate batch after batch until told to leave.

use std::ffi::c_void;
use std::fs::File;
use std::io::IsTerminal;
use std::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::ptr::{null, null_mut};
use std::sync::Mutex;

use epp::sys;

use super::area::{Area, GONE, Job, LEAVE, Layout, MESSAGE};
use super::bell::Patience;
use super::confinement::{Confined, Kernel, confine};
use super::guard::{self, COULD_NOT_RUN};
use super::handover::take_over;
use super::loaded;
use super::message::{Answer, BUILD, Order, Ready, Refusal, cut, send};
use super::piece::output;
use crate::batch::{Buffer, Buffers};
use crate::creation::Creation;
use crate::error::{EvaluateError, LoadError};
use crate::facts::Facts;
use crate::floating_point::kept;
use crate::instance::{Callers, Instance};
use crate::library::Library;
use crate::log::Log;
use crate::opened::Opened;

/// The whole of `freeland-worker`: serves the host that started this process until that tells it to leave.
pub fn serve() -> ExitCode {
    if std::io::stdin().is_terminal() {
        eprintln!("freeland-worker is started by freeland, where a potential has isolation = \"process\"");
        return ExitCode::from(COULD_NOT_RUN);
    }
    match begin() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("freeland-worker: {error}");
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

fn begin() -> std::io::Result<ExitCode> {
    let (memory, control) = take_streams()?;
    close_the_rest(&[memory.as_raw_fd(), control.as_raw_fd()]);
    let (area, order) = Area::open(memory)?;
    // The end of the host is the end of this process and of all that the plugin starts, however busy they are.
    guard::split(order.host)?;
    let control = UnixStream::from(control);
    send(&control, &Answer::Begun { process: std::process::id() })?;
    match create(&order, control.try_clone()?) {
        Ok((instance, facts, ready)) => {
            send(&control, &Answer::Ready(Box::new(ready)))?;
            let (capacity, file) = take_over(&control)?;
            let layout = Layout::of(
                facts.info.atoms * facts.info.dimensions,
                facts.parameters.len(),
                facts.widths(),
                capacity,
            );
            area.map(file.as_fd(), &layout)?;
            drop(file);
            work(&area, &instance, &facts, &layout);
            drop(instance);
            // Destructors of the plugin's libraries are no business of the host, and may hang.
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(0) }
        }
        Err(refusal) => {
            send(&control, &Answer::Refused(refusal))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The shared memory and the socket, out of reach of who prints and reads: stdin is empty now, stdout goes to stderr.
fn take_streams() -> std::io::Result<(OwnedFd, OwnedFd)> {
    let memory = std::io::stdin().as_fd().try_clone_to_owned()?;
    let control = std::io::stdout().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    rustix::stdio::dup2_stdout(std::io::stderr())?;
    Ok((memory, control))
}

/// Closes what a host that is careless has left open for its children: everything but `kept` and the three streams.
fn close_the_rest(kept: &[RawFd]) {
    let mut next: RawFd = 3;
    let mut kept = kept.to_vec();
    kept.sort_unstable();
    for end in kept.into_iter().chain([RawFd::MAX]) {
        if next < end {
            let (first, last) = (next as u32, (end - 1) as u32);
            // SAFETY: this process has one thread, and nothing of it owns any of these. Where the kernel is too old
            // for this call, it is too old for all that the confinement needs.
            unsafe { libc::syscall(libc::SYS_close_range, first, last, 0_u32) };
        }
        next = end.saturating_add(1);
    }
}

/// Everything up to the first batch.
fn create(order: &Order, log: UnixStream) -> Result<(Instance, Facts, Ready), Refusal> {
    if order.build != BUILD {
        return Err(Refusal::Build(BUILD.to_owned()));
    }
    let log = Mutex::new(log);
    let log = Log::to(move |level, _, text| {
        // Where the host is gone, nobody misses it.
        let log = log.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _ = send(&*log, &Answer::Log { level: level.code(), text: cut(text.to_owned()) });
    });
    let writable: Vec<_> =
        [&order.scratch].into_iter().chain(&order.writable).map(|path| path.path()).collect();
    let kernel = Kernel::here(order.landlock);
    let refuse = |confined: &Confined| match confined.warnings() {
        gaps if order.required && !gaps.is_empty() => Err(Refusal::Unconfined(gaps)),
        _ => Ok(()),
    };
    refuse(&Confined::expected(&kernel))?;
    let confined = confine(&kernel, &writable, order.memory);
    refuse(&confined)?;
    let path = order.library.path();
    let unreadable = |reason| LoadError::Unreadable { path: path.clone(), reason };
    let opened = Opened::new(&path).map_err(unreadable)?;
    if opened.version != order.version {
        return Err(Refusal::Changed);
    }
    let library = kept(|| {
        loaded::take(&order.loaded);
        Library::handshake(&opened, &order.sha256, order.by_descriptor)
    })?;
    let id = match (&order.id, library.descriptors()) {
        (Some(id), _) => id.clone(),
        (None, [only]) => only.id.clone(),
        (None, _) => return Err(Refusal::Several { known: library.ids() }),
    };
    let creation = Creation {
        topology: order.topology.clone(),
        folder: order.folder.as_ref().map(|folder| folder.path()),
        threads: order.threads,
        log,
    };
    // All calls come from this thread, which is what every thread model allows.
    let (mut instance, mut facts) = Instance::create(&library, &id, &order.config, &creation, Callers::One)?;
    if let Some(topology) = &order.derived {
        (instance, facts) = instance.derived(&facts, topology)?;
    }
    let ready = Ready::new(library.abi(), library.descriptors(), confined, facts.clone());
    Ok((instance, facts, ready))
}

/// Batch after batch.
fn work(area: &Area, instance: &Instance, facts: &Facts, layout: &Layout) {
    let head = area.head();
    let mut seen = 0;
    let mut patience = Patience::default();
    loop {
        seen = head.request.wait_past(seen, &mut patience, None);
        if seen == LEAVE || seen == GONE {
            return;
        }
        evaluate(area, instance, facts, layout, &area.job());
        head.answer.ring(seen);
    }
}

/// One call of the plugin, in the shared buffers.
fn evaluate(area: &Area, instance: &Instance, facts: &Facts, layout: &Layout, job: &Job) {
    let rows = |how: u32, place, stride: usize| match how {
        0 => (null(), 0),
        1 => (area.buffer::<f64>(place).cast_const(), 0),
        _ => (area.buffer::<f64>(place).cast_const(), stride as u64),
    };
    let (box_, box_stride) = rows(job.boxes, layout.boxes, 9);
    let (parameters, parameter_stride) = rows(job.parameters, layout.parameters, facts.parameters.len());
    let wants = |bit| job.want & bit != 0;
    let places = (job.outputs != 0).then(|| area.outputs());
    let wanted = |place: &usize| places.is_some_and(|places| places.contains(*place));
    let wanted = (0..facts.outputs.len()).filter(wanted);
    let outputs = wanted.map(|place| Buffer {
        index: facts.outputs[place].index,
        data: area.buffer(output(layout, facts, place)),
        width: facts.width(place),
    });
    // A code of the plugin may have been written over what the host wrote.
    let count = usize::try_from(job.count).unwrap_or(usize::MAX).min(layout.capacity);
    let batch = sys::Batch {
        struct_size: size_of::<sys::Batch>() as u64,
        count: count as u64,
        dtype: job.dtype,
        want: job.want,
        required: 0,
        reserved: 0,
        positions: area.buffer::<c_void>(layout.positions).cast_const(),
        position_stride: facts.row() as u64,
        box_,
        box_stride,
        parameters,
        parameter_stride,
        energies: if wants(sys::WANT_ENERGY) { area.buffer(layout.energies) } else { null_mut() },
        gradients: if wants(sys::WANT_GRADIENT) { area.buffer(layout.gradients) } else { null_mut() },
        gradient_stride: facts.row() as u64,
        statuses: area.buffer(layout.statuses),
        cancel: area.head().cancel.as_ptr().cast_const(),
        deadline_ns: job.deadline_ns,
        seed: job.seed,
        first: job.first,
        output_count: 0,
        outputs: null(),
    };
    let buffers = Buffers { batch, outputs: outputs.collect(), borrowed: PhantomData };
    // SAFETY: the buffers have room for `capacity` configurations; they live as long as the area. This is the thread
    // that created the instance.
    match unsafe { instance.run(facts, &buffers, count) } {
        Ok(()) => area.set_reply(sys::OK, None),
        Err(EvaluateError::Failed { code, reason, .. }) => area.set_reply(code.0, Some(&message(&reason))),
        Err(error) => area.set_reply(sys::E_INTERNAL, Some(&message(&error.to_string()))),
    }
}

/// A sentence as it is handed over: cut at the end, with a NUL behind it where there is room.
fn message(text: &str) -> [u8; MESSAGE] {
    let mut bytes = [0; MESSAGE];
    let length = text.len().min(MESSAGE - 1);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    bytes
}
