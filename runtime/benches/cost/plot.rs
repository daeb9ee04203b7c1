//! The plot of the README: the cost of a start over the size of its parent.

use crate::measure::Row;
use plotters::prelude::*;
use std::error::Error;
use std::path::Path;

const SIZE: (u32, u32) = (900, 380);
const COLORS: [RGBColor; 4] =
    [RGBColor(0x1b, 0x6c, 0xa8), RGBColor(0x80, 0x80, 0x80), RGBColor(0xc0, 0x50, 0x20), RGBColor(0x30, 0x90, 0x40)];

/// Cost over a size of the parent, one line for each contender.
pub(crate) struct Series<'a> {
    pub(crate) title: &'a str,
    /// The size, and the row measured at it.
    pub(crate) rows: Vec<(f64, &'a Row)>,
}

const NAMES: [&str; 4] = ["airtight", "limit", "std", "std hardened"];

pub(crate) fn draw(path: &Path, series: &[Series<'_>; 2]) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    for (area, series) in area.split_evenly((1, 2)).iter().zip(series) {
        let lines: Vec<_> = NAMES.iter().map(|name| line(series, name)).collect();
        let costs = || lines.iter().flatten().map(|point| point.1);
        let (least, most) = (costs().fold(f64::MAX, f64::min), costs().fold(1.0, f64::max));
        let widest = series.rows.iter().map(|row| row.0).fold(1.0, f64::max);
        let mut chart = ChartBuilder::on(area)
            .caption(series.title, ("sans-serif", 16))
            .margin(12)
            .x_label_area_size(30)
            .y_label_area_size(48)
            .build_cartesian_2d(0.0..widest * 1.02, (least * 0.7..most * 1.5).log_scale())?;
        let whole = |value: &f64| format!("{value:.0}");
        let mesh = &mut chart.configure_mesh();
        mesh.y_desc("µs").x_label_formatter(&whole).y_label_formatter(&whole).light_line_style(WHITE).draw()?;
        for ((name, points), color) in NAMES.iter().zip(lines).zip(COLORS) {
            chart
                .draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(2)))?
                .label(*name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2)));
            chart.draw_series(points.into_iter().map(|point| Circle::new(point, 3, color.filled())))?;
        }
        chart.configure_series_labels().position(SeriesLabelPosition::MiddleRight).background_style(WHITE).draw()?;
    }
    area.present()?;
    Ok(())
}

fn line(series: &Series<'_>, name: &str) -> Vec<(f64, f64)> {
    let cost = |row: &Row| if name == "airtight" { Some(row.ours) } else { row.of(name).map(|other| other.cost) };
    series.rows.iter().filter_map(|(size, row)| Some((*size, cost(row)?))).collect()
}
