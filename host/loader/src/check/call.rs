//! One call of `evaluate`, with every buffer under control.

use std::ptr::{null, null_mut};
use std::sync::atomic::AtomicU32;
use std::time::Instant;

use epp::sys;

use super::memory::{Memory, Placement};
use super::raw::Instance;
use super::verdict::{Finding, failed};
use crate::output::Output;
use crate::status::{Code, NO_STATUS};

/// Buffers of one batch, and how they are handed over. Built once, it may be run many times.
pub(crate) struct Call {
    pub(crate) batch: sys::Batch,
    count: usize,
    row: usize,
    single: bool,
    fill: Fill,
    /// How long the last call took.
    pub(crate) seconds: f64,
    /// And when it ended.
    pub(crate) ended: Instant,
    pub(crate) positions: Memory,
    pub(crate) energies: Memory,
    pub(crate) gradients: Memory,
    pub(crate) statuses: Memory,
    pub(crate) boxes: Memory,
    pub(crate) parameters: Memory,
    /// The buffers of outputs that are wanted.
    outputs: Vec<Wanted>,
    /// What `batch.outputs` points to.
    described: Vec<sys::Output>,
    pointers: Vec<*const sys::Output>,
}

// SAFETY: the pointers in `batch` are those of the memories it owns.
unsafe impl Send for Call {}

/// The buffer of one output.
struct Wanted {
    memory: Memory,
    /// Numbers of one configuration.
    width: usize,
    /// Numbers between those of one configuration and the next.
    gap: usize,
}

/// What a call must know of the potential.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape<'a> {
    /// Numbers in one configuration.
    pub(crate) row: usize,
    /// Three rows in nm where it is periodic, else empty.
    pub(crate) box_rows: &'a [f64],
    /// Whether there is a gradient.
    pub(crate) gradient: bool,
}

/// How the buffers of a [`Call`] are laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) placement: Placement,
    /// Numbers between rows of positions that belong to nobody.
    pub(crate) position_gap: usize,
    /// As `position_gap`, of gradients.
    pub(crate) gradient_gap: usize,
    /// Positions and gradients as f32.
    pub(crate) single: bool,
    pub(crate) want: u32,
    /// What outputs hold before the call.
    pub(crate) fill: Fill,
    /// Strides of packed rows are written out instead of 0.
    pub(crate) explicit_strides: bool,
    /// A box row for each configuration, instead of one for all.
    pub(crate) box_for_each: bool,
}

/// What outputs hold before a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    Zeros,
    /// A number that is not zero and not NaN.
    Garbage,
    NotANumber,
}

impl Fill {
    /// The number itself.
    pub(crate) fn value(self) -> f64 {
        match self {
            Self::Zeros => 0.0,
            Self::Garbage => 1.234_567_89e7,
            Self::NotANumber => f64::NAN,
        }
    }
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            placement: Placement::Slack,
            position_gap: 0,
            gradient_gap: 0,
            single: false,
            want: sys::WANT_ENERGY | sys::WANT_GRADIENT,
            fill: Fill::Zeros,
            explicit_strides: false,
            box_for_each: false,
        }
    }
}

/// What one call gave, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    /// `[count]`; empty unless wanted.
    pub(crate) energies: Vec<f64>,
    /// `[count][row]`; empty unless wanted.
    pub(crate) gradients: Vec<f64>,
    /// `[count]`
    pub(crate) statuses: Vec<i32>,
    /// `[outputs][count]` x the shape of the output, in the order in which they were wanted.
    pub(crate) outputs: Vec<Vec<f64>>,
}

impl Reply {
    /// The gradient of one configuration.
    pub(crate) fn gradient(&self, index: usize) -> &[f64] {
        let row = self.gradients.len() / self.statuses.len().max(1);
        &self.gradients[index * row..(index + 1) * row]
    }

    /// What the wanted output `which` is of one configuration.
    pub(crate) fn output(&self, which: usize, index: usize) -> &[f64] {
        let width = self.outputs[which].len() / self.statuses.len().max(1);
        &self.outputs[which][index * width..(index + 1) * width]
    }

    /// Energies and gradients alone.
    pub(crate) fn without_outputs(&self) -> Self {
        Self { outputs: Vec::new(), ..self.clone() }
    }

    /// Whether one configuration of both is the same to the last bit; NaN equals NaN.
    pub(crate) fn same_bits(&self, index: usize, other: &Self, other_index: usize) -> bool {
        let energy = |reply: &Self, index: usize| reply.energies.get(index).map(|energy| energy.to_bits());
        let bits = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        let gradient = |reply: &Self, index: usize| bits(reply.gradient(index));
        let outputs = |reply: &Self, index: usize| {
            (0..reply.outputs.len()).map(|which| bits(reply.output(which, index))).collect::<Vec<_>>()
        };
        self.statuses[index] == other.statuses[other_index]
            && (self.statuses[index] != sys::SAMPLE_OK
                || energy(self, index) == energy(other, other_index)
                    && gradient(self, index) == gradient(other, other_index)
                    && outputs(self, index) == outputs(other, other_index))
    }
}

fn no_memory(error: std::io::Error) -> Finding {
    Finding::Skipped(format!("no memory for its buffers: {error}"))
}

/// What gaps of strided buffers hold.
pub(crate) const CANARY: f64 = -7.777e77;
/// The same in f32.
pub(crate) const CANARY_SINGLE: f32 = -7.777e27;

impl Call {
    /// A call with packed buffers: energies and gradients of `positions`, `[count][atoms][dimensions]`.
    pub(crate) fn new<'a>(of: impl Into<Shape<'a>>, positions: &[f64]) -> Result<Self, Finding> {
        Self::with(of, positions, Layout::default())
    }

    /// A call with buffers as `layout` says.
    pub(crate) fn with<'a>(
        of: impl Into<Shape<'a>>,
        positions: &[f64],
        layout: Layout,
    ) -> Result<Self, Finding> {
        let Shape { row, box_rows, gradient } = of.into();
        let layout =
            Layout { want: if gradient { layout.want } else { layout.want & !sys::WANT_GRADIENT }, ..layout };
        let count = positions.len() / row;
        let size = if layout.single { 4 } else { 8 };
        let length = |gap: usize| if count == 0 { 0 } else { (count - 1) * (row + gap) + row };
        let memory = |bytes| Memory::new(bytes, layout.placement).map_err(no_memory);
        let wants = |bit: u32| layout.want & bit != 0;
        let boxes = if box_rows.is_empty() { 0 } else { if layout.box_for_each { count } else { 1 } };
        let mut call = Self {
            positions: memory(length(layout.position_gap) * size)?,
            energies: memory(if wants(sys::WANT_ENERGY) { count * 8 } else { 0 })?,
            gradients: memory(if wants(sys::WANT_GRADIENT) {
                length(layout.gradient_gap) * size
            } else {
                0
            })?,
            statuses: memory(count * 4)?,
            boxes: memory(boxes * 72)?,
            parameters: memory(0)?,
            outputs: Vec::new(),
            described: Vec::new(),
            pointers: Vec::new(),
            count,
            row,
            single: layout.single,
            fill: layout.fill,
            seconds: 0.0,
            ended: Instant::now(),
            batch: sys::Batch {
                struct_size: size_of::<sys::Batch>() as u64,
                count: count as u64,
                dtype: if layout.single { sys::DTYPE_F32 } else { sys::DTYPE_F64 },
                want: layout.want,
                required: 0,
                reserved: 0,
                positions: null(),
                position_stride: stride(row, layout.position_gap, layout.explicit_strides),
                box_: null(),
                box_stride: if layout.box_for_each { 9 } else { 0 },
                parameters: null(),
                parameter_stride: 0,
                energies: null_mut(),
                gradients: null_mut(),
                gradient_stride: stride(row, layout.gradient_gap, layout.explicit_strides),
                statuses: null_mut(),
                cancel: null(),
                deadline_ns: 0,
                seed: 0,
                first: 0,
                output_count: 0,
                outputs: null(),
            },
        };
        call.batch.positions = call.positions.pointer().cast_const().cast();
        call.batch.statuses = call.statuses.pointer().cast();
        if wants(sys::WANT_ENERGY) {
            call.batch.energies = call.energies.pointer().cast();
        }
        if wants(sys::WANT_GRADIENT) {
            call.batch.gradients = call.gradients.pointer().cast();
        }
        if boxes > 0 {
            call.batch.box_ = call.boxes.pointer().cast_const().cast();
        }
        let rows = box_rows.iter().copied().cycle();
        write_f64(call.boxes.bytes_mut(), rows);
        call.set_positions(positions);
        call.prefill();
        Ok(call)
    }

    /// Values of the global parameters, the same for all configurations.
    pub(crate) fn set_parameters(&mut self, values: &[f64], placement: Placement) -> Result<(), Finding> {
        self.parameters = Memory::new(values.len() * 8, placement).map_err(no_memory)?;
        write_f64(self.parameters.bytes_mut(), values.iter().copied());
        self.batch.parameters = self.parameters.pointer().cast_const().cast();
        Ok(())
    }

    /// A box for each configuration, `[count][3][3]`, with a gap of `gap` numbers behind each.
    pub(crate) fn set_boxes(&mut self, rows: &[f64], gap: usize) -> Result<(), Finding> {
        self.boxes = with_gaps(rows, 9, gap)?;
        self.batch.box_ = self.boxes.pointer().cast_const().cast();
        self.batch.box_stride = (9 + gap) as u64;
        Ok(())
    }

    /// Values of the global parameters for each configuration, `[count][names]`, with gaps as [`Call::set_boxes`].
    pub(crate) fn set_parameter_rows(
        &mut self,
        values: &[f64],
        names: usize,
        gap: usize,
    ) -> Result<(), Finding> {
        self.parameters = with_gaps(values, names, gap)?;
        self.batch.parameters = self.parameters.pointer().cast_const().cast();
        self.batch.parameter_stride = (names + gap) as u64;
        Ok(())
    }

    /// Wants an output too, of `width` numbers for a configuration.
    pub(crate) fn want_output(&mut self, output: &Output, width: usize) -> Result<(), Finding> {
        self.want_output_at(output, width, 0, Placement::Slack)
    }

    /// As [`Call::want_output`], with `gap` numbers that are nobody's behind each configuration, at a place.
    pub(crate) fn want_output_at(
        &mut self,
        output: &Output,
        width: usize,
        gap: usize,
        placement: Placement,
    ) -> Result<(), Finding> {
        let length = if self.count == 0 { 0 } else { (self.count - 1) * (width + gap) + width };
        let memory = Memory::new(length * 8, placement).map_err(no_memory)?;
        self.described.push(sys::Output {
            struct_size: size_of::<sys::Output>() as u64,
            index: output.index,
            data: memory.pointer().cast(),
            stride: if gap == 0 { 0 } else { (width + gap) as u64 },
            dtype: sys::DTYPE_F64,
            reserved: 0,
        });
        self.outputs.push(Wanted { memory, width, gap });
        self.pointers = self.described.iter().map(std::ptr::from_ref).collect();
        self.batch.output_count = self.pointers.len() as u64;
        self.batch.outputs = self.pointers.as_ptr();
        Ok(())
    }

    /// Changes how the wanted outputs are asked for.
    pub(crate) fn asked(&mut self) -> &mut [sys::Output] {
        &mut self.described
    }

    /// Whether the gaps of outputs are as they were.
    pub(crate) fn output_gaps_intact(&self) -> bool {
        self.outputs.iter().all(|wanted| {
            let numbers = read_f64(wanted.memory.bytes());
            let stride = wanted.width + wanted.gap;
            numbers
                .iter()
                .enumerate()
                .all(|(at, x)| at % stride < wanted.width || x.to_bits() == CANARY.to_bits())
        })
    }

    /// Other positions, as many as before. Gaps are filled with canaries.
    pub(crate) fn set_positions(&mut self, positions: &[f64]) {
        let (row, single) = (self.row, self.single);
        let stride = (self.batch.position_stride as usize).max(row);
        let at = |place: usize| {
            let (index, within) = (place / stride, place % stride);
            (within < row).then(|| positions[index * row + within])
        };
        if single {
            for (place, bytes) in self.positions.bytes_mut().chunks_exact_mut(4).enumerate() {
                let value = at(place).map_or(CANARY_SINGLE, |value| value as f32);
                bytes.copy_from_slice(&value.to_ne_bytes());
            }
        } else {
            for (place, bytes) in self.positions.bytes_mut().chunks_exact_mut(8).enumerate() {
                bytes.copy_from_slice(&at(place).unwrap_or(CANARY).to_ne_bytes());
            }
        }
    }

    /// Fills the outputs; gaps of gradients with canaries, statuses with what is no status.
    fn prefill(&mut self) {
        let (row, single, fill) = (self.row, self.single, self.fill);
        let stride = (self.batch.gradient_stride as usize).max(row);
        write_f64(self.energies.bytes_mut(), std::iter::repeat(fill.value()));
        for Wanted { memory, width, gap } in &mut self.outputs {
            let value = |place: usize| if place % (*width + *gap) < *width { fill.value() } else { CANARY };
            write_f64(memory.bytes_mut(), (0..).map(value));
        }
        if single {
            for (place, bytes) in self.gradients.bytes_mut().chunks_exact_mut(4).enumerate() {
                let value = if place % stride < row { fill.value() as f32 } else { CANARY_SINGLE };
                bytes.copy_from_slice(&value.to_ne_bytes());
            }
        } else {
            let value = |place: usize| if place % stride < row { fill.value() } else { CANARY };
            write_f64(self.gradients.bytes_mut(), (0..).map(value));
        }
        for bytes in self.statuses.bytes_mut().chunks_exact_mut(4) {
            bytes.copy_from_slice(&NO_STATUS.to_ne_bytes());
        }
    }

    /// A flag that stops the call. It must outlive it.
    pub(crate) fn set_cancel(&mut self, flag: &AtomicU32) {
        self.batch.cancel = flag.as_ptr().cast_const();
    }

    /// Calls, whatever comes back: the code, the sentence, and what is in the buffers.
    pub(crate) fn run_anyhow(&mut self, instance: &Instance) -> (i32, String, Reply) {
        self.prefill();
        let start = Instant::now();
        // SAFETY: every pointer is null or to a buffer of the length that the header demands.
        let (code, text) = unsafe { instance.evaluate(&self.batch) };
        self.ended = Instant::now();
        self.seconds = self.ended.duration_since(start).as_secs_f64();
        (code, text, self.reply())
    }

    /// Calls, and demands that the call succeeds.
    pub(crate) fn run(&mut self, instance: &Instance) -> Result<Reply, Finding> {
        match self.run_anyhow(instance) {
            (sys::OK, _, reply) => Ok(reply),
            (code, text, _) => Err(self.refusal(code, &text)),
        }
    }

    /// Calls, with what the buffers hold, and looks at nothing but whether the call succeeds: the work is all the plugin's.
    pub(crate) fn again(&mut self, instance: &Instance) -> Result<(), Finding> {
        // SAFETY: every pointer is null or to a buffer of the length that the header demands.
        match unsafe { instance.evaluate(&self.batch) } {
            (sys::OK, _) => Ok(()),
            (code, text) => Err(self.refusal(code, &text)),
        }
    }

    fn refusal(&self, code: i32, text: &str) -> Finding {
        failed(format!("evaluate of {} configurations fails ({}): {text}", self.count, Code(code)))
    }

    /// What is in the buffers.
    pub(crate) fn reply(&self) -> Reply {
        let stride = (self.batch.gradient_stride as usize).max(self.row);
        let all: Vec<f64> = if self.single {
            let numbers = self.gradients.bytes().chunks_exact(4);
            numbers
                .map(|bytes| f64::from(f32::from_ne_bytes(bytes.try_into().expect("four bytes"))))
                .collect()
        } else {
            read_f64(self.gradients.bytes())
        };
        Reply {
            energies: read_f64(self.energies.bytes()),
            gradients: all.chunks(stride).flat_map(|chunk| &chunk[..self.row]).copied().collect(),
            outputs: self
                .outputs
                .iter()
                .map(|Wanted { memory, width, gap }| {
                    let all = read_f64(memory.bytes());
                    all.chunks(width + gap).flat_map(|chunk| &chunk[..*width]).copied().collect()
                })
                .collect(),
            statuses: self
                .statuses
                .bytes()
                .chunks_exact(4)
                .map(|bytes| i32::from_ne_bytes(bytes.try_into().expect("four bytes")))
                .collect(),
        }
    }
}

fn stride(row: usize, gap: usize, explicit: bool) -> u64 {
    if gap == 0 && !explicit { 0 } else { (row + gap) as u64 }
}

/// Rows of `width` numbers with `gap` canaries behind each but the last.
fn with_gaps(rows: &[f64], width: usize, gap: usize) -> Result<Memory, Finding> {
    let count = rows.len() / width;
    let length = if count == 0 { 0 } else { rows.len() + (count - 1) * gap };
    let mut memory = Memory::new(length * 8, Placement::Slack).map_err(no_memory)?;
    let value = |place: usize| {
        let (row, within) = (place / (width + gap), place % (width + gap));
        if within < width { rows[row * width + within] } else { CANARY }
    };
    write_f64(memory.bytes_mut(), (0..length).map(value));
    Ok(memory)
}

fn write_f64(bytes: &mut [u8], values: impl Iterator<Item = f64>) {
    for (bytes, value) in bytes.chunks_exact_mut(8).zip(values) {
        bytes.copy_from_slice(&value.to_ne_bytes());
    }
}

/// The numbers in a buffer.
pub(crate) fn read_f64(bytes: &[u8]) -> Vec<f64> {
    bytes.chunks_exact(8).map(|bytes| f64::from_ne_bytes(bytes.try_into().expect("eight bytes"))).collect()
}
