//! The outputs of an `epp_batch`, checked.
use std::ptr::NonNull;

use super::buffers::{Span, length, stride};
use super::failure::Failure;
use super::instance::DescribedOutput;
use crate::sdk::Info;
use crate::sdk::rows::OutputRows;
use crate::{sys, versioned};

/// One place for each output of the instance, where it is asked for, and in `written` the memory that these take.
///
/// # Safety
/// `raw.outputs` is as `epp.h` says; the buffers live for `'a`.
pub(super) unsafe fn read<'a>(
    raw: &sys::Batch,
    described: &[DescribedOutput],
    info: &Info,
    written: &mut Vec<Span>,
) -> Result<Vec<Option<OutputRows<'a>>>, Failure> {
    if raw.outputs.is_null() || !raw.outputs.is_aligned() {
        return Err(Failure::invalid("evaluate: outputs is null or misaligned, but output_count is not 0"));
    }
    let mut rows = vec![None; described.len()];
    // No index comes twice, so that more of them cannot all be good: the loop ends by then.
    for place in 0..usize::try_from(raw.output_count).unwrap_or(usize::MAX) {
        let refuse = |text: String| Failure::invalid(format!("evaluate: outputs[{place}]: {text}"));
        // SAFETY: by the caller's promise the array has output_count entries, each null or an epp_output.
        let output = unsafe { versioned::read(*raw.outputs.add(place)) }
            .ok_or_else(|| refuse("null, misaligned or its struct_size is below 8".into()))?;
        let known = usize::try_from(output.index).ok().and_then(|index| Some((index, described.get(index)?)));
        let Some((index, known)) = known else {
            return Err(refuse(format!(
                "index {} asked for, but there are {}",
                output.index,
                described.len()
            )));
        };
        let name = &known.output.name;
        if output.dtype != sys::DTYPE_F64 {
            let text = format!(
                "evaluate: outputs[{place}]: dtype {} of `{name}`; only f64 (1) is written",
                output.dtype
            );
            return Err(Failure::new(sys::E_UNSUPPORTED, text));
        }
        if rows[index].is_some() {
            return Err(refuse(format!("`{name}` (index {index}) is asked for twice")));
        }
        let width = known.output.width(info.atoms, info.dimensions);
        let stride = stride("stride of an output", output.stride, width, width)?;
        let elements = length(raw.count, stride as u64, width)
            .ok_or_else(|| refuse(format!("`{name}` of {} configurations cannot be addressed", raw.count)))?;
        let data = NonNull::new(output.data.cast::<f64>()).filter(|data| data.is_aligned() || elements == 0);
        let data = match data {
            Some(data) => data,
            None if elements == 0 => NonNull::dangling(),
            None => return Err(refuse(format!("data of `{name}` is null or misaligned"))),
        };
        written.push(Span::new(data.as_ptr(), elements));
        // SAFETY: by the caller's promise writable for all configurations; nobody else writes there, as overlaps are
        // refused before anything is written.
        rows[index] = Some(unsafe { OutputRows::new(data, stride, width) });
    }
    Ok(rows)
}
