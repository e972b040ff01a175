//! The hash of everything that decides the numbers.

use super::determinism::in_another_process;
use crate::check::bench::{Bench, demand};
use crate::check::raw::Instance;
use crate::check::variation::other_config;
use crate::check::verdict::{Finding, Outcome};

pub(super) fn fingerprint(bench: &Bench<'_>) -> Outcome {
    let survey = bench.survey()?;
    let Some(told) = &survey.info.fingerprint else {
        return Err(Finding::Skipped("it tells none".to_owned()));
    };
    let library = bench.library()?;
    let of = |instance: &Instance| Ok::<_, Finding>(instance.info(bench.descriptor()?)?.fingerprint);
    let (first, second) = (bench.instance(&library)?, bench.instance(&library)?);
    for found in [of(&first)?, of(&second)?] {
        demand!(
            found.as_ref() == Some(told),
            "two instances of one configuration tell the fingerprints {told} and {}",
            found.unwrap_or_default()
        );
    }
    let mut story = Vec::new();
    match in_another_process(bench, survey, || Ok(())) {
        Ok((answer, ())) => {
            demand!(
                answer.fingerprint.as_ref() == Some(told),
                "in another process the fingerprint is {} instead of {told}; an address, a time or an order of a map is in it",
                answer.fingerprint.unwrap_or_default()
            );
            story.push("equal in another process".to_owned());
        }
        Err(Finding::Skipped(_)) => {}
        Err(finding) => return Err(finding),
    }
    if let Some(config) = other_config(bench, &library, survey)? {
        let other = of(&library.create(bench.id, &config)?)?;
        demand!(
            other.as_ref() != Some(told),
            "with the configuration {config}, which has other energies, the fingerprint is the same; hash all that decides the \
             numbers"
        );
        story.push(format!("another one for {config}"));
    }
    Ok(story.join(", "))
}
