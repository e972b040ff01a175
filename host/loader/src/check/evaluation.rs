//! Checks of `evaluate`: what it does with its buffers, and whether its energy is an energy.

mod answers;
mod batches;
mod buffers;
mod derivative;
mod extensions;
mod inputs;
mod motion;
mod numbers;
mod supercells;
mod symmetry;

use super::rule::Check;
use super::verdict::Grade::{Consistency, Mandatory};

/// What everything else rests upon.
const BASE: &[&str] = &["evaluation/batch-equals-singles"];
const GRADIENT: &[&str] = &["evaluation/gradient"];

pub(crate) const CHECKS: &[Check] = &[
    Check::new(
        "evaluation/answers",
        Mandatory,
        "evaluate gives energies and gradients of ordinary configurations",
        &["library/create"],
        answers::answers,
    )
    .limit(60.0),
    Check::new(
        "evaluation/statuses",
        Mandatory,
        "Every configuration gets a status, one that version 1 defines",
        &["evaluation/answers"],
        answers::statuses,
    ),
    Check::new(
        "evaluation/finite-results",
        Mandatory,
        "Where the status is 0, energy and gradient are finite",
        &["evaluation/statuses"],
        answers::finite_results,
    ),
    Check::new(
        "evaluation/batch-equals-singles",
        Mandatory,
        "A batch gives what its configurations give one by one",
        &["evaluation/finite-results"],
        batches::singles,
    ),
    Check::new(
        "evaluation/failed-samples",
        Mandatory,
        "Where the status is not 0, the energy is NaN and the gradient zero",
        BASE,
        inputs::failed_samples,
    ),
    Check::new(
        "evaluation/energy-alone",
        Mandatory,
        "The energy alone, and the gradient alone, are those of both together",
        BASE,
        answers::energy_alone,
    ),
    Check::new(
        "evaluation/batch-order",
        Mandatory,
        "A batch in another order gives the same in that order",
        BASE,
        batches::order,
    ),
    Check::new(
        "evaluation/batch-sizes",
        Mandatory,
        "Batches of 0, 1, a prime number, the largest and more than the largest are answered or refused",
        BASE,
        batches::sizes,
    ),
    Check::new(
        "evaluation/strides",
        Mandatory,
        "Strides of positions, gradients and boxes are kept",
        BASE,
        buffers::strides,
    ),
    Check::new(
        "evaluation/gaps",
        Mandatory,
        "Nothing is written between the rows of strided gradients",
        &["evaluation/strides"],
        buffers::gaps,
    ),
    Check::new(
        "evaluation/guard-pages",
        Mandatory,
        "Nothing is read or written before the beginning or behind the end of a buffer",
        &["evaluation/gaps"],
        buffers::guard_pages,
    ),
    Check::new(
        "evaluation/inputs-unmodified",
        Mandatory,
        "Positions, boxes and parameters are only read",
        BASE,
        buffers::inputs_unmodified,
    ),
    Check::new(
        "evaluation/outputs-overwritten",
        Mandatory,
        "What the outputs held before does not matter",
        &["evaluation/energy-alone"],
        buffers::outputs_overwritten,
    ),
    Check::new(
        "evaluation/struct-sizes",
        Mandatory,
        "A shorter and a longer epp_batch are taken",
        BASE,
        buffers::struct_sizes,
    ),
    Check::new(
        "evaluation/f32",
        Consistency,
        "f32 positions give what the same positions give as f64",
        BASE,
        numbers::single,
    )
    .applies("dtypes: f32"),
    Check::new(
        "evaluation/undeclared-dtype",
        Mandatory,
        "A number type that is not declared is refused",
        BASE,
        numbers::undeclared,
    ),
    Check::new(
        "evaluation/non-finite-input",
        Mandatory,
        "A configuration with NaN or infinity gets a status other than 0",
        BASE,
        inputs::non_finite,
    ),
    Check::new(
        "evaluation/extreme-input",
        Mandatory,
        "Overlapping, collinear, collapsed and far-apart configurations give finite results or a status",
        BASE,
        inputs::extreme,
    ),
    Check::new(
        "evaluation/bad-sample-isolated",
        Mandatory,
        "One bad configuration does not change the others",
        &["evaluation/non-finite-input"],
        inputs::isolated,
    ),
    Check::new(
        "evaluation/missing-box",
        Mandatory,
        "A periodic potential without a box refuses the call",
        BASE,
        inputs::missing_box,
    )
    .applies("periodic"),
    Check::new(
        "evaluation/reference",
        Consistency,
        "Golden samples have their energies",
        BASE,
        extensions::reference,
    )
    .applies("epp.reference/1"),
    Check::new(
        "evaluation/gradient",
        Mandatory,
        "The gradient is the derivative of the energy (Richardson extrapolation of finite differences)",
        &["evaluation/energy-alone"],
        derivative::gradient,
    )
    .limit(60.0),
    Check::new(
        "evaluation/smooth",
        Consistency,
        "Along lines, the energy changes as its gradient says: no jumps",
        GRADIENT,
        derivative::smooth,
    ),
    Check::new(
        "evaluation/energy-conservation",
        Consistency,
        "A short run of Newton's equations conserves energy, better with a shorter step",
        &["evaluation/smooth"],
        motion::conservation,
    ),
    Check::new(
        "evaluation/translation",
        Consistency,
        "A shift of all atoms leaves the energy unchanged",
        BASE,
        symmetry::translation,
    )
    .applies("symmetries: translation"),
    Check::new(
        "evaluation/rotation",
        Consistency,
        "A rotation of all atoms leaves the energy unchanged and turns the gradient",
        BASE,
        symmetry::rotation,
    )
    .applies("symmetries: rotation, not periodic"),
    Check::new(
        "evaluation/inversion",
        Consistency,
        "The mirror image has the same energy",
        BASE,
        symmetry::inversion,
    )
    .applies("symmetries: inversion"),
    Check::new(
        "evaluation/permutation",
        Consistency,
        "Exchanging atoms that the topology does not tell apart leaves the energy unchanged",
        BASE,
        symmetry::permutation,
    )
    .applies("symmetries: permutation"),
    Check::new(
        "evaluation/periodic-images",
        Consistency,
        "Moving an atom by a box row along which it is periodic leaves the energy unchanged",
        BASE,
        symmetry::images,
    )
    .applies("periodic"),
    Check::new(
        "evaluation/supercells",
        Consistency,
        "Copies side by side in a larger box have their multiple of the energy, and each its gradient",
        &["evaluation/translation", "evaluation/permutation", "evaluation/periodic-images"],
        supercells::supercells,
    )
    .limit(60.0)
    .applies("periodic, symmetries: translation and permutation, a cutoff, a configuration key that says the number of atoms"),
    Check::new(
        "evaluation/components",
        Consistency,
        "The energy terms add up to the energy",
        BASE,
        extensions::components,
    )
    .applies("outputs energy:NAME"),
    Check::new(
        "evaluation/parameters",
        Consistency,
        "Default parameters written out give what no parameters give",
        BASE,
        extensions::parameters,
    )
    .applies("epp.parameters/1"),
    Check::new(
        "evaluation/virial",
        Consistency,
        "The virial is the derivative of the energy along strains",
        GRADIENT,
        extensions::virial,
    )
    .applies("an output virial, 3 dimensions"),
];
