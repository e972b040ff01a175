//! `report.html`: the run on one page, with its figure inside, readable without a network.
use super::summary::Summary;
use super::verdict::Verdict;
use crate::active::{Round, StartingRound};

/// The page. `figure_svg`: the figure's text, if there is one yet.
pub fn page(
    title: &str,
    summary: &Summary,
    started: &StartingRound,
    rounds: &[Round],
    figure_svg: Option<&str>,
) -> String {
    let title = if title.is_empty() { "freeland run" } else { title };
    let calls: String = (summary.energy_calls_by_phase.iter())
        .map(|(phase, calls)| format!("<tr><td>{}</td><td>{calls}</td></tr>", escape(&phase.to_string())))
        .collect();
    let line = |line: &String| format!("<p>{}</p>\n", escape(line));
    let notes: String = summary.rotamers.notes().iter().map(line).collect();
    let rows: String = rounds.iter().map(row).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title><style>\
         body{{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#222}}\
         table{{border-collapse:collapse;margin:1rem 0}}td,th{{padding:.2rem .8rem;text-align:right;border-bottom:1px solid #ddd}}\
         td:first-child,th:first-child{{text-align:left}}svg{{max-width:100%;height:auto}}</style></head><body>\n\
         <h1>{title}</h1>\n{verdict}<p>{}</p>\n{}\n\
         <p>Plugin <code>{}</code> {} (sha256 <code>{}</code>), seed {}, freeland {}, {:.0} s.</p>\n\
         <h2>Energy calls: {}</h2>\n<table><tr><th>phase</th><th>configurations</th></tr>{calls}</table>\n\
         <p>Starting data: {} frames. Draws whose energy failed: {}.</p>\n{notes}\
         <h2>Rounds</h2>\n<table><tr><th>round</th><th>centres added</th><th>draws</th><th>failed</th><th>loss / kT</th>\
         <th>ESS</th><th>spread, rms / kT</th><th>spread, largest / kT</th><th>change / kT</th><th>energy calls</th>\
         <th>time / s</th></tr>\n{rows}</table>\n</body></html>\n",
        escape(&summary.advice),
        figure_svg.unwrap_or(""),
        escape(&summary.plugin.id),
        escape(&summary.plugin.version),
        escape(&summary.plugin.sha256),
        summary.seed,
        escape(&summary.version),
        summary.wall_seconds,
        summary.energy_calls,
        started.starting_data.frames,
        summary.failed,
        title = escape(title),
        verdict = summary.verdict.as_ref().map(verdict).unwrap_or_default(),
    )
}

/// What the run says of itself: first on the page, so that no number is read without it.
fn verdict(verdict: &Verdict) -> String {
    let grade = if verdict.is_good() { "Verdict: good" } else { "Verdict: cannot be trusted" };
    let item = |text: String| format!("<li>{}</li>", escape(&text));
    let reasons: String = verdict.reasons.iter().map(|reason| item(reason.to_string())).collect();
    let warnings: String = verdict.warnings.iter().map(|warning| item(warning.to_string())).collect();
    let list = |text: String| if text.is_empty() { text } else { format!("<ul>{text}</ul>") };
    format!("<p><b>{grade}</b></p>{}\n", list(reasons + &warnings))
}

fn row(round: &Round) -> String {
    let change = round.change_kt.map_or_else(|| "-".to_owned(), |change| format!("{change:.3}"));
    format!(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.2}</td><td>{:.2}</td><td>{:.3}</td><td>{:.2}</td>\
         <td>{change}</td><td>{}</td><td>{:.0}</td></tr>\n",
        round.index,
        round.added,
        round.draws,
        round.failed,
        round.loss_kt,
        round.ess_fraction,
        round.rms_std_kt,
        round.max_std_kt,
        round.energy_calls,
        round.wall_seconds,
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
