//! Checks of `evaluate`: what it does with its buffers, and whether its energy is an energy.

mod answers;
mod batches;
mod boxes;
mod buffers;
mod derivative;
mod inputs;
mod motion;
mod numbers;
mod output_types;
mod outputs;
mod parameters;
mod quantities;
mod reference;
mod refusals;
mod rows;
mod seed;
mod supercells;
mod symmetry;

use super::rule::Check;
use super::verdict::Grade::{Consistency, Mandatory};

/// What everything else rests upon.
const BASE: &[&str] = &["evaluation/batch-equals-singles"];
const OUTPUTS: &[&str] = &["evaluation/outputs"];
const GRADIENT: &[&str] = &["evaluation/gradient"];

pub(crate) const CHECKS: &[Check] = &[
    Check::new(
        "evaluation/answers",
        Mandatory,
        "evaluate gives energies and gradients of ordinary configurations",
        &["library/tables"],
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
        "evaluation/seed",
        Mandatory,
        "Random numbers are drawn from the stream of the seed and the place in it, or none are",
        &["evaluation/finite-results"],
        seed::streams,
    ),
    Check::new(
        "evaluation/batch-equals-singles",
        Mandatory,
        "A batch gives what its configurations give one by one",
        &["evaluation/seed"],
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
        reference::reference,
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
        "evaluation/required-bits",
        Mandatory,
        "A batch that needs what the plugin does not know is refused",
        BASE,
        refusals::required,
    ),
    Check::new(
        "evaluation/unknown-want",
        Mandatory,
        "Bits of `want` that the plugin does not know are ignored",
        &["evaluation/energy-alone"],
        refusals::unknown_want,
    ),
    Check::new(
        "evaluation/no-gradient",
        Mandatory,
        "Where there is no gradient, a call that wants one is refused",
        BASE,
        refusals::no_gradient,
    )
    .applies("info.required: no gradient"),
    Check::new(
        "evaluation/discrete",
        Mandatory,
        "Where only certain positions have an energy, others have status 2",
        BASE,
        refusals::discrete,
    )
    .applies("info.required: discrete"),
    Check::new(
        "evaluation/cancelled-unasked",
        Mandatory,
        "No configuration is cancelled that nobody asked to stop",
        BASE,
        refusals::cancelled,
    ),
    Check::new(
        "evaluation/box-for-each",
        Mandatory,
        "Every configuration is evaluated in its own box",
        BASE,
        rows::boxes,
    )
    .applies("periodic"),
    Check::new(
        "evaluation/box-orientation",
        Consistency,
        "A box rotated along with all atoms has the same energy and the turned gradient",
        BASE,
        boxes::orientation,
    )
    .applies("periodic, symmetries: rotation"),
    Check::new(
        "evaluation/box-reduction",
        Mandatory,
        "The same lattice by rows that are not reduced has the same energy and gradient",
        BASE,
        boxes::reduction,
    )
    .applies("periodic along two rows or three"),
    Check::new(
        "evaluation/bad-box",
        Mandatory,
        "A box that is flat or left-handed has status 2, one that is not finite status 1",
        BASE,
        boxes::bad,
    )
    .applies("periodic"),
    Check::new(
        "evaluation/unneeded-box",
        Mandatory,
        "Without periodicity, a box changes nothing",
        BASE,
        boxes::unneeded,
    )
    .applies("not periodic"),
    Check::new(
        "evaluation/parameters",
        Consistency,
        "Default parameters written out give what no parameters give",
        BASE,
        parameters::defaults,
    )
    .applies("epp.parameters/1"),
    Check::new(
        "evaluation/parameters-for-each",
        Mandatory,
        "Every configuration is evaluated with its own parameters",
        &["evaluation/parameters"],
        rows::parameters,
    )
    .applies("epp.parameters/1"),
    Check::new(
        "evaluation/parameter-range",
        Mandatory,
        "Parameters beyond their range have status 2, ones that are not finite status 1",
        &["evaluation/parameters"],
        parameters::range,
    )
    .applies("epp.parameters/1"),
    Check::new(
        "evaluation/output-requests",
        Mandatory,
        "An output that there is not, one asked for twice, or in a number type that there is not, is refused",
        BASE,
        outputs::requests,
    ),
    Check::new(
        "evaluation/outputs",
        Mandatory,
        "Energy, gradient and every output are the same whatever else is wanted",
        BASE,
        outputs::together,
    )
    .limit(60.0)
    .applies("epp.outputs/1"),
    Check::new(
        "evaluation/output-strides",
        Mandatory,
        "Strides of outputs are kept, and nothing is written between rows",
        OUTPUTS,
        outputs::strides,
    )
    .applies("epp.outputs/1"),
    Check::new(
        "evaluation/output-types",
        Mandatory,
        "Outputs are f64, whatever positions are; those wanted in f32 are refused, or written as f32",
        OUTPUTS,
        output_types::types,
    )
    .applies("epp.outputs/1"),
    Check::new(
        "evaluation/output-guard-pages",
        Mandatory,
        "Nothing is written before the beginning or behind the end of an output",
        &["evaluation/output-strides"],
        outputs::guard_pages,
    )
    .applies("epp.outputs/1"),
    Check::new(
        "evaluation/failed-outputs",
        Mandatory,
        "Where the status is not 0, cancelled or late ones included, outputs are NaN; the others are as ever",
        OUTPUTS,
        outputs::of_failures,
    )
    .applies("epp.outputs/1"),
    Check::new(
        "evaluation/standard-outputs",
        Consistency,
        "Outputs with a name of the header have its shape and unit",
        OUTPUTS,
        quantities::names,
    )
    .applies("epp.outputs/1"),
    Check::new(
        "evaluation/energy-terms",
        Consistency,
        "The terms of the energy add up to it",
        OUTPUTS,
        quantities::terms,
    )
    .applies("outputs: energy:NAME"),
    Check::new(
        "evaluation/atom-energies",
        Consistency,
        "The energies of the atoms add up to the energy",
        OUTPUTS,
        quantities::atoms,
    )
    .applies("outputs: atom-energies"),
    Check::new(
        "evaluation/virial",
        Consistency,
        "The virial is the derivative of the energy along strains",
        &["evaluation/gradient", "evaluation/outputs"],
        quantities::virial,
    )
    .applies("outputs: virial"),
    Check::new(
        "evaluation/derivatives",
        Consistency,
        "The derivative by a parameter is that of the energy",
        &["evaluation/parameters", "evaluation/outputs"],
        quantities::derivatives,
    )
    .applies("outputs: derivative:NAME"),
];
