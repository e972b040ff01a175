//! The figure of a PMF: F and its error, over one or two coarse variables.
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::colors::colormaps::{ColorMap, ViridisRGB};
use thiserror::Error;

use crate::landscape::Landscape;
use crate::space::Axis;

/// The figure ends at this free energy, kT.
const CAP_KT: f64 = 16.0;
const FONT: &str = "sans-serif";
const SIZE_2D: (u32, u32) = (1180, 520);
const SIZE_1D: (u32, u32) = (800, 520);

/// A figure that could not be drawn.
#[derive(Debug, Error)]
pub enum FigureError {
    /// The back end failed, most often at writing the file.
    #[error("{path}: cannot be drawn: {reason}")]
    Draw {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// Neither one nor two dimensions.
    #[error("a figure shows one or two coarse variables, this run has {0}")]
    Dimensions(usize),
}

/// Draws F and its error into `path`, as SVG or PNG by its extension.
pub fn draw(pmf: &Landscape, variables: &[Axis], title: &str, path: &Path) -> Result<(), FigureError> {
    register_font();
    let svg = path.extension().is_some_and(|extension| extension == "svg");
    let size = match pmf.axes.len() {
        1 => SIZE_1D,
        2 => SIZE_2D,
        dimensions => return Err(FigureError::Dimensions(dimensions)),
    };
    let result = if svg {
        panels(&SVGBackend::new(path, size).into_drawing_area(), pmf, variables, title)
    } else {
        panels(&BitMapBackend::new(path, size).into_drawing_area(), pmf, variables, title)
    };
    result.map_err(|error| FigureError::Draw { path: path.display().to_string(), reason: error.to_string() })
}

/// The bitmap back end has no fonts of its own.
fn register_font() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let _ = plotters::style::register_font(FONT, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT);
    });
}

type Failure = Box<dyn std::error::Error>;

fn panels<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    pmf: &Landscape,
    variables: &[Axis],
    title: &str,
) -> Result<(), Failure>
where
    B::ErrorType: 'static,
{
    area.fill(&WHITE)?;
    let area = if title.is_empty() { area.clone() } else { area.titled(title, (FONT, 22))? };
    if pmf.axes.len() == 1 {
        profile(&area, pmf, &label(&variables[0]))?;
    } else {
        let (left, right) = area.split_horizontally(SIZE_2D.0 as i32 / 2);
        let labels = [label(&variables[0]), label(&variables[1])];
        map(&left, pmf, &pmf.f_kt, CAP_KT, "F / kT", &labels)?;
        if pmf.has_error() {
            let std = &pmf.f_std_kt;
            let known = std.iter().zip(&pmf.f_kt).filter(|(_, f)| **f < CAP_KT).map(|(std, _)| *std);
            let top = known.fold(0.05, f64::max).min(2.0);
            map(&right, pmf, std, top, "standard deviation of F / kT", &labels)?;
        }
    }
    area.present()?;
    Ok(())
}

fn label(variable: &Axis) -> String {
    format!("{} / {}", variable.name, variable.unit)
}

/// F over one variable, with a band of one standard deviation.
fn profile<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    pmf: &Landscape,
    label: &str,
) -> Result<(), Failure>
where
    B::ErrorType: 'static,
{
    let (low, high) = ends(&pmf.axes[0]);
    let top = pmf.f_kt.iter().copied().filter(|f| *f < CAP_KT).fold(1.0, f64::max) * 1.08;
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .x_label_area_size(48)
        .y_label_area_size(60)
        .build_cartesian_2d(low..high, 0.0..top)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc(label)
        .y_desc("F / kT")
        .axis_desc_style((FONT, 18))
        .label_style((FONT, 15))
        .draw()?;
    let colour = RGBColor(33, 102, 172);
    let points: Vec<(f64, f64)> = pmf.axes[0].iter().copied().zip(pmf.f_kt.iter().copied()).collect();
    if pmf.has_error() {
        let std = &pmf.f_std_kt;
        let upper = points.iter().zip(std).map(|((s, f), std)| (*s, (f + std).min(top)));
        let lower = points.iter().zip(std).map(|((s, f), std)| (*s, (f - std).clamp(0.0, top)));
        let mut band: Vec<(f64, f64)> = lower.collect();
        band.reverse();
        band.extend(upper);
        chart.draw_series(std::iter::once(Polygon::new(band, colour.mix(0.25))))?;
    }
    let mut segment = Vec::new();
    for (s, f) in points.into_iter().chain(std::iter::once((high, f64::INFINITY))) {
        if f < top {
            segment.push((s, f));
        } else if !segment.is_empty() {
            chart.draw_series(LineSeries::new(segment.drain(..), colour.stroke_width(2)))?;
        }
    }
    Ok(())
}

/// A map over two variables with its colour bar; values above `top` are left white.
fn map<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    pmf: &Landscape,
    values: &ndarray::ArrayD<f64>,
    top: f64,
    caption: &str,
    labels: &[String; 2],
) -> Result<(), Failure>
where
    B::ErrorType: 'static,
{
    let (width, _) = area.dim_in_pixel();
    let (left, right) = area.split_horizontally(width as i32 - 74);
    let ((x0, x1), (y0, y1)) = (ends(&pmf.axes[0]), ends(&pmf.axes[1]));
    let half = [half_bin(&pmf.axes[0]), half_bin(&pmf.axes[1])];
    let mut chart = ChartBuilder::on(&left)
        .caption(caption, (FONT, 18))
        .margin(8)
        .x_label_area_size(46)
        .y_label_area_size(56)
        .build_cartesian_2d(x0..x1, y0..y1)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc(&labels[0])
        .y_desc(&labels[1])
        .axis_desc_style((FONT, 17))
        .label_style((FONT, 14))
        .draw()?;
    let cells = values.indexed_iter().filter(|(_, value)| **value <= top).map(|(index, value)| {
        let (x, y) = (pmf.axes[0][index[0]], pmf.axes[1][index[1]]);
        let corners = [(x - half[0], y - half[1]), (x + half[0], y + half[1])];
        Rectangle::new(corners, colour(*value, top).filled())
    });
    chart.draw_series(cells)?;

    let mut bar = ChartBuilder::on(&right)
        .margin_top(36)
        .margin_bottom(54)
        .margin_right(8)
        .y_label_area_size(42)
        .build_cartesian_2d(0.0..1.0, 0.0..top)?;
    bar.configure_mesh().disable_mesh().disable_x_axis().y_labels(9).label_style((FONT, 14)).draw()?;
    let steps = 128;
    bar.draw_series((0..steps).map(|step| {
        let (from, to) =
            (top * f64::from(step) / f64::from(steps), top * f64::from(step + 1) / f64::from(steps));
        Rectangle::new([(0.0, from), (1.0, to)], colour(from, top).filled())
    }))?;
    Ok(())
}

fn colour(value: f64, top: f64) -> RGBColor {
    ViridisRGB.get_color_normalized(value.clamp(0.0, top) as f32, 0.0, top as f32)
}

/// Edges of the first and the last bin.
fn ends(centres: &[f64]) -> (f64, f64) {
    let half = half_bin(centres);
    (centres[0] - half, centres[centres.len() - 1] + half)
}

fn half_bin(centres: &[f64]) -> f64 {
    if centres.len() > 1 { 0.5 * (centres[1] - centres[0]) } else { 0.5 }
}
