//! A group as a picture: two bars a row, ours and the peer's. Pure.

use std::fmt::Write;

use crate::report::{Measured, Row, Verdict, figure};

const WIDTH: f64 = 760.0;
/// Where bars begin, and how long the longest is.
const LEFT: f64 = 90.0;
const LONGEST: f64 = 430.0;
const TOP: f64 = 34.0;
const HEIGHT: f64 = 74.0;

/// Legible on white and on black; the colours of text follow the reader's.
const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:14px}\
.dim{fill:#59636e}.ours{fill:#2f81f7}.peer{fill:#8c959f}.aim{stroke:#bf8700;stroke-width:2}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.dim{fill:#9198a1}}";

/// The picture.
pub(crate) fn svg(measured: &Measured) -> String {
    let shown: Vec<&Row> = measured
        .rows
        .iter()
        .filter(|row| row.ours.is_finite())
        .collect();
    let height = TOP + HEIGHT * shown.len().max(1) as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\">\n\
         <title>{0}</title>\n<style>{STYLE}</style>\n<text class=\"title\" x=\"8\" y=\"20\">{0}</text>\n",
        escaped(measured.group)
    );
    for (row, at) in shown.iter().zip(0_u32..) {
        draw(&mut svg, row, TOP + HEIGHT * f64::from(at));
    }
    if shown.is_empty() {
        text(&mut svg, 8.0, TOP + 20.0, "dim", "not measured");
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw(svg: &mut String, row: &Row, y: f64) {
    let aimed = row.aimed();
    let most = [Some(row.ours), row.peers, aimed];
    let most = most.into_iter().flatten().fold(f64::MIN_POSITIVE, f64::max);
    let length = |value: f64| (value.max(0.0) / most * LONGEST).max(1.0);
    let verdict = match row.verdict() {
        Verdict::NoAim => String::new(),
        verdict => format!("  ({}: {})", row.aim_told(), verdict.told()),
    };
    text(svg, 8.0, y + 14.0, "", &format!("{}{verdict}", row.load));
    let bars = [
        ("dagtrail", "ours", Some(row.ours)),
        ("compared", "peer", row.peers),
    ];
    for ((name, class, value), at) in bars.into_iter().zip(0_u32..) {
        let Some(value) = value else { continue };
        let top = y + 22.0 + 21.0 * f64::from(at);
        text(svg, 8.0, top + 12.0, "dim", name);
        let long = length(value);
        rect(svg, class, top, long);
        let told = format!("{} {}", figure(value), row.unit);
        text(svg, LEFT + long + 6.0, top + 12.0, "", &told);
    }
    if let Some(value) = aimed {
        let x = LEFT + length(value);
        let (from, to) = (y + 19.0, y + 41.0);
        line(svg, x, from, to);
    }
}

fn rect(svg: &mut String, class: &str, y: f64, width: f64) {
    let done = writeln!(
        svg,
        "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"16\" rx=\"2\"/>"
    );
    done.expect("memory takes it");
}

fn line(svg: &mut String, x: f64, from: f64, to: f64) {
    let done = writeln!(
        svg,
        "<line class=\"aim\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{from}\" y2=\"{to}\"/>"
    );
    done.expect("memory takes it");
}

fn text(svg: &mut String, x: f64, y: f64, class: &str, said: &str) {
    let said = escaped(said);
    let done = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y}\">{said}</text>"
    );
    done.expect("memory takes it");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
