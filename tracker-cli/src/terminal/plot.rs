//! Curves drawn in the terminal with braille dots.
//!
//! Colours help to tell curves apart, and are not needed: where a plot has several, their labels
//! stand on them.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Modifier, Style},
    symbols::Marker,
    widgets::{
        Widget,
        canvas::{Canvas, Line, Points},
    },
};
use tracker_core::{
    Definition, Direction, Error, Result,
    read::{Bucket, Snapshot},
    text::shown_value,
};

use crate::terminal::{
    outline::{Dot, Frame, gaps, height_at, lines},
    text::{clean, shorten, width},
};

/// The colours of curves, in turn. They are the terminal's own, so they fit its background.
const COLORS: [Color; 6] =
    [Color::Cyan, Color::Yellow, Color::Magenta, Color::Green, Color::Blue, Color::Red];

/// The space between two plots side by side.
const GAP: u16 = 3;

/// Lines of a plot that are no curve: the title, the axis and its labels.
const FRAME_HEIGHT: u16 = 3;

/// The columns between two labels on curves.
const LABEL_DISTANCE: u16 = 6;

/// The longest label of a value, whose unit may be any text.
const LABEL_WIDTH: usize = 16;

/// Into how many buckets a curve is cut: more than the widest terminal has columns of dots.
const BUCKETS: usize = 1_500;

/// One curve of a plot.
#[derive(Debug, Clone)]
pub(crate) struct Curve {
    /// What stands on the curve; empty where it is the only one.
    label: String,
    /// Which of the colours it has.
    color: usize,
    /// Its points in short, in the order of steps.
    buckets: Vec<Bucket>,
    /// The first point that is not finite: its step and a word for its value.
    first_gap: Option<(u64, &'static str)>,
}

impl Curve {
    /// Reads a curve, however many points it has.
    pub(crate) fn read(
        run: &Snapshot,
        metric: &str,
        label: impl Into<String>,
        color: usize,
    ) -> Result<Self> {
        let buckets = match run.overview(metric, 0..=u64::MAX, BUCKETS) {
            // Its summary is there, and its points cannot be read.
            Err(Error::UnknownMetric { .. }) => Vec::new(),
            result => result?,
        };
        let first_gap = first_gap(run, metric, &buckets)?;
        Ok(Self { label: label.into(), color, buckets, first_gap })
    }
}

/// The first point that is not finite. It may lie in a bucket of many: that is looked into, and
/// what is found there again, until it is a single step.
fn first_gap(
    run: &Snapshot,
    metric: &str,
    buckets: &[Bucket],
) -> Result<Option<(u64, &'static str)>> {
    const LOOKS: usize = 6;
    let of_buckets = |buckets: &[Bucket]| buckets.iter().find(|bucket| gaps(bucket) > 0).copied();
    let Some(mut found) = of_buckets(buckets) else { return Ok(None) };
    for _ in 0..LOOKS {
        if found.first_step == found.last_step {
            break;
        }
        let closer = run.overview(metric, found.first_step.0..=found.last_step.0, BUCKETS)?;
        found = of_buckets(&closer).unwrap_or(found);
    }
    Ok(Some((found.first_step.0, word(&found))))
}

/// What a bucket has that is not finite.
fn word(bucket: &Bucket) -> &'static str {
    match (bucket.nan, bucket.pos_infinite) {
        (1.., _) => "NaN",
        (0, 1..) => "∞",
        (0, 0) => "-∞",
    }
}

/// The curves of one metric.
#[derive(Debug, Clone)]
pub(crate) struct Plot {
    /// The metric.
    pub(crate) metric: String,
    /// What the metric means.
    pub(crate) definition: Definition,
    /// The curves.
    pub(crate) curves: Vec<Curve>,
}

/// A label in the colour of its curve.
pub(crate) fn colored(label: &str, color: usize) -> String {
    format!("{}{label}\x1b[0m", escape(color_of(color), Modifier::BOLD))
}

/// Draws plots of `height` lines of curve, as many side by side as `columns` says, in lines of
/// `width` columns.
pub(crate) fn draw(plots: &[Plot], columns: usize, width: u16, height: u16) -> String {
    let columns = columns.max(1);
    let count = u16::try_from(columns).unwrap_or(u16::MAX);
    let each = (width.saturating_sub(GAP.saturating_mul(count - 1))) / count;
    let mut page = String::new();
    for plots in plots.chunks(columns) {
        let area = Rect::new(0, 0, width, height + FRAME_HEIGHT);
        let mut buffer = Buffer::empty(area);
        for (plot, left) in plots.iter().zip((0..).step_by(usize::from(each + GAP))) {
            plot.draw(Rect { x: left, width: each, ..area }, &mut buffer);
        }
        page.push('\n');
        page.push_str(&to_text(&buffer));
    }
    page
}

/// An arrow to the better values, after a space.
pub(crate) fn arrow(definition: &Definition) -> &'static str {
    match definition.direction {
        Some(Direction::Higher) => " ↑",
        Some(Direction::Lower) => " ↓",
        _ => "",
    }
}

fn color_of(index: usize) -> Color {
    COLORS.get(index % COLORS.len()).copied().unwrap_or(Color::Reset)
}

impl Plot {
    fn draw(&self, area: Rect, buffer: &mut Buffer) {
        let height = area.height.saturating_sub(FRAME_HEIGHT);
        // The labels depend on the values only, so a frame without dots is enough for them.
        let labels = self.value_labels(height);
        let left = labels.iter().map(|(_, label)| width(label)).max().unwrap_or(0);
        let left = u16::try_from(left).unwrap_or(u16::MAX).saturating_add(1);
        let canvas = Rect {
            x: area.x + left + 1,
            y: area.y + 1,
            width: area.width.saturating_sub(left + 1),
            height,
        };
        let frame = self.frame(canvas.width * 2, canvas.height * 4);
        self.draw_title(area, buffer);
        if canvas.is_empty() {
            // The labels need all the room, as with a unit of many words.
            return;
        }
        draw_axes(&labels, &frame, canvas, left, buffer);
        self.draw_curves(&frame, canvas, buffer);
        self.draw_marks(&frame, canvas, buffer);
    }

    fn frame(&self, columns: u16, rows: u16) -> Frame {
        Frame::around(self.curves.iter().map(|curve| curve.buckets.as_slice()), columns, rows)
    }

    /// The values beside the first, the middle and the last line.
    fn value_labels(&self, height: u16) -> Vec<(u16, String)> {
        let frame = self.frame(0, 0);
        let bottom = height.saturating_sub(1);
        let lines = if bottom >= 4 { vec![0, bottom / 2, bottom] } else { vec![0, bottom] };
        let label = |line: u16| {
            let share = 1.0 - f64::from(line) / f64::from(bottom.max(1));
            let value = frame.value_at(share)?;
            Some((line, shorten(&clean(&shown_value(value, &self.definition)), LABEL_WIDTH)))
        };
        lines.into_iter().filter_map(label).collect()
    }

    fn draw_title(&self, area: Rect, buffer: &mut Buffer) {
        let title = format!("{}{}", clean(&self.metric), arrow(&self.definition));
        let room = usize::from(area.width);
        let title = shorten(&title, room);
        buffer.set_string(area.x, area.y, &title, Style::new().add_modifier(Modifier::BOLD));
        let note = self.note_of_gaps().map(|note| format!("  {note}")).unwrap_or_default();
        let after = u16::try_from(width(&title)).unwrap_or(0);
        let rest = room.saturating_sub(width(&title));
        if rest > 3 {
            buffer.set_string(area.x + after, area.y, shorten(&note, rest), Style::new());
        }
    }

    /// What is said of values that have no place on the plot.
    fn note_of_gaps(&self) -> Option<String> {
        let (step, value) =
            self.curves.iter().filter_map(|curve| curve.first_gap).min_by_key(|gap| gap.0)?;
        let buckets = self.curves.iter().flat_map(|curve| &curve.buckets);
        Some(match buckets.map(gaps).sum::<u64>() {
            1 => format!("× {value} at step {step}"),
            count => format!("× {count} not finite, {value} at step {step}"),
        })
    }

    fn draw_curves(&self, frame: &Frame, area: Rect, buffer: &mut Buffer) {
        let outlines: Vec<Vec<Vec<Dot>>> =
            self.curves.iter().map(|curve| lines(&curve.buckets, frame)).collect();
        Canvas::default()
            .marker(Marker::Braille)
            .x_bounds([0.0, f64::from((area.width * 2).saturating_sub(1))])
            .y_bounds([0.0, f64::from((area.height * 4).saturating_sub(1))])
            .paint(|context| {
                for (curve, outline) in self.curves.iter().zip(&outlines) {
                    let color = color_of(curve.color);
                    for line in outline {
                        context.draw(&Points { coords: line, color });
                        for (from, to) in line.iter().zip(line.iter().skip(1)) {
                            context.draw(&Line {
                                x1: from.0,
                                y1: from.1,
                                x2: to.0,
                                y2: to.1,
                                color,
                            });
                        }
                    }
                }
            })
            .render(area, buffer);
        if self.curves.len() > 1 {
            self.draw_labels(&outlines, area, buffer);
        }
    }

    /// Puts each curve's label on it again and again, those of several curves in turn.
    fn draw_labels(&self, outlines: &[Vec<Vec<Dot>>], area: Rect, buffer: &mut Buffer) {
        let turns = self.curves.len();
        for (index, column) in
            (LABEL_DISTANCE / 2..area.width).step_by(usize::from(LABEL_DISTANCE)).enumerate()
        {
            let turn = index % turns;
            let (Some(curve), Some(outline)) = (self.curves.get(turn), outlines.get(turn)) else {
                continue;
            };
            let Some(height) = height_at(outline, f64::from(column) * 2.0) else { continue };
            let style = Style::new().fg(color_of(curve.color)).add_modifier(Modifier::BOLD);
            buffer.set_stringn(
                area.x + column,
                line_of(height, area),
                &curve.label,
                usize::from(area.width - column),
                style,
            );
        }
    }

    /// Marks the steps of values that are not finite: at the top for ∞, else at the bottom.
    fn draw_marks(&self, frame: &Frame, area: Rect, buffer: &mut Buffer) {
        for curve in &self.curves {
            for bucket in curve.buckets.iter().filter(|bucket| gaps(bucket) > 0) {
                let column = area.x + cells(frame.x(bucket.first_step.0), 2);
                let column = column.min(area.right() - 1);
                let style = Style::new().fg(color_of(curve.color));
                if bucket.pos_infinite > 0 {
                    buffer.set_string(column, area.y, "×", style);
                }
                if bucket.nan + bucket.neg_infinite > 0 {
                    buffer.set_string(column, area.bottom() - 1, "×", style);
                }
            }
        }
    }
}

fn draw_axes(
    labels: &[(u16, String)],
    frame: &Frame,
    canvas: Rect,
    left: u16,
    buffer: &mut Buffer,
) {
    let (axis, start) = (canvas.x - 1, canvas.x - 1 - left);
    for line in 0..canvas.height {
        buffer.set_string(axis, canvas.y + line, "│", Style::new());
    }
    for (line, label) in labels {
        let x = start + left.saturating_sub(1 + u16::try_from(width(label)).unwrap_or(0));
        buffer.set_string(x, canvas.y + line, label, Style::new());
        buffer.set_string(axis, canvas.y + line, "┤", Style::new());
    }
    let bottom = canvas.bottom();
    let base = format!("└{}", "─".repeat(usize::from(canvas.width)));
    buffer.set_string(axis, bottom, base, Style::new());

    let (first, last) = frame.steps();
    let first = format!("step {first}");
    let last = last.to_string();
    buffer.set_string(canvas.x, bottom + 1, &first, Style::new());
    let room = usize::from(canvas.width).saturating_sub(width(&first) + 1);
    if first != format!("step {last}") && width(&last) <= room {
        let x = canvas.right() - u16::try_from(width(&last)).unwrap_or(0);
        buffer.set_string(x, bottom + 1, &last, Style::new());
    }
}

/// The line of the terminal on which a row of dots lies.
fn line_of(dots_from_below: f64, area: Rect) -> u16 {
    let from_below = cells(dots_from_below.round(), 4).min(area.height.saturating_sub(1));
    area.bottom() - 1 - from_below
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "dots are counted from 0 and are few; the cast saturates"
)]
fn cells(dots: f64, dots_a_cell: u16) -> u16 {
    dots as u16 / dots_a_cell
}

/// The buffer as lines with ANSI styles, without spaces at their ends.
fn to_text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut page = String::new();
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        let mut style = PLAIN;
        let mut x = area.left();
        while let Some(cell) = buffer.cell((x, y)).filter(|_| x < area.right()) {
            // A space looks the same in all styles and must not keep the line from being trimmed.
            let wanted = (cell.fg, cell.modifier);
            if !cell.symbol().trim().is_empty() && wanted != style {
                line.push_str(&change(style, wanted));
                style = wanted;
            }
            line.push_str(cell.symbol());
            x += u16::try_from(width(cell.symbol())).unwrap_or(1).max(1);
        }
        page.push_str(line.trim_end());
        page.push_str(&change(style, PLAIN));
        page.push('\n');
    }
    page
}

const PLAIN: (Color, Modifier) = (Color::Reset, Modifier::empty());

fn change(from: (Color, Modifier), to: (Color, Modifier)) -> String {
    let end = if from == PLAIN { "" } else { "\x1b[0m" };
    let begin = if to == PLAIN { String::new() } else { escape(to.0, to.1) };
    format!("{end}{begin}")
}

/// The ANSI sequence for the few styles that plots have.
fn escape(color: Color, modifier: Modifier) -> String {
    let code = match color {
        Color::Red => "31",
        Color::Green => "32",
        Color::Yellow => "33",
        Color::Blue => "34",
        Color::Magenta => "35",
        Color::Cyan => "36",
        _ => "39",
    };
    let bold = if modifier.contains(Modifier::BOLD) { "1;" } else { "" };
    format!("\x1b[{bold}{code}m")
}
