//! Where two runs differ, for people.

use tracker_core::{
    Timestamp,
    read::DifferingPoint,
    text::{plural, shown_value},
};

use crate::{
    command::diverge::Compared,
    terminal::{
        table::{Align, Grid},
        text::{ago, clean, more},
    },
    view::beside::Differing,
};

/// The letters of the two runs.
const LETTERS: [&str; 2] = ["A", "B"];

/// Metrics that are listed of those that differ at one step, and of those that one run alone has.
const MOST: usize = 10;

impl Compared {
    pub(crate) fn to_text(&self, width: u16) -> String {
        let found = &self.found;
        let title = format!("More than {:e} apart", self.tolerance);
        let said = match (found.bitwise.is_empty(), found.beyond.is_empty()) {
            (true, _) => format!("\n{}\n", self.no_difference()),
            (false, true) => format!("\nNothing is more than {:e} apart\n", self.tolerance),
            (false, false) => String::new(),
        };
        let tables = self.beside.tables().map(|(title, rows)| table(title, rows, width));
        [
            self.legend(width),
            self.points("First difference", &found.bitwise, width),
            self.points(&title, &found.beyond, width),
            said,
            self.alone(width),
            tables.concat(),
        ]
        .concat()
    }

    fn no_difference(&self) -> String {
        let points = plural(self.found.compared, "point");
        match self.found.compared {
            0 => "Nothing to compare: the runs have no metric at a step that both have".to_owned(),
            _ if self.with_timings => {
                format!("No difference: {points} are the same in both, bit by bit")
            }
            _ => format!(
                "No difference: {points} are the same in both, bit by bit (`--all` compares times and speeds too)"
            ),
        }
    }

    fn legend(&self, width: u16) -> String {
        let now = Timestamp::now();
        let mut grid = Grid::new([Align::Left], width);
        for ((letter, run), short_id) in LETTERS.iter().zip(&self.runs).zip(&self.short_ids) {
            let info = run.info();
            grid.row([
                (*letter).to_owned(),
                clean(&info.name),
                short_id.clone(),
                clean(&info.project),
                run.state().to_string(),
                ago(info.started_at, now),
            ]);
        }
        grid.lines().into_iter().map(|line| line + "\n").collect()
    }

    /// What differs first, with all digits, and how far apart it is.
    fn points(&self, title: &str, points: &[DifferingPoint], width: u16) -> String {
        let Some(first) = points.first() else { return String::new() };
        let mut grid = Grid::new([Align::Left], width);
        grid.header(["", LETTERS[0], LETTERS[1], "apart"]);
        for point in points.iter().take(MOST) {
            let rank =
                if point.rank == 0 { String::new() } else { format!(" (rank {})", point.rank) };
            let [a, b] = point.values;
            grid.row([
                format!("{}{rank}", clean(&point.metric)),
                format!("{a:?}"),
                format!("{b:?}"),
                self.apart(&point.metric, [a, b]),
            ]);
        }
        let more = more(points.len(), MOST, "`--json` has all");
        grid.section(&format!("{title}: {}", place(first)))
            + &more.map(|more| format!("  {more}\n")).unwrap_or_default()
    }

    fn apart(&self, metric: &str, [a, b]: [f64; 2]) -> String {
        let apart = (a - b).abs();
        if !apart.is_finite() {
            return String::new();
        }
        clean(&shown_value(apart, &self.definition(metric)))
    }

    fn alone(&self, width: u16) -> String {
        let mut grid = Grid::new([Align::Left], width);
        for (side, alone) in self.found.alone.iter().enumerate() {
            let [own, other] = if side == 0 { LETTERS } else { [LETTERS[1], LETTERS[0]] };
            if !alone.metrics.is_empty() {
                let names: Vec<String> =
                    alone.metrics.iter().take(MOST).map(|metric| clean(metric)).collect();
                let more = more(alone.metrics.len(), MOST, "`--json` has all");
                let more = more.map(|more| format!(" {more}")).unwrap_or_default();
                grid.row([own.to_owned(), format!("{}{more}", names.join(", "))]);
            }
            if let Some((metric, step)) = &alone.first {
                let points = plural(alone.points, "point");
                let said = format!(
                    "{points} at steps that {other} has not, the first of {} at {step}",
                    clean(metric)
                );
                grid.row([own.to_owned(), said]);
            }
        }
        let ends = self.found.alone.each_ref().map(|alone| alone.last_step);
        if let [Some(first), Some(second)] = ends
            && first != second
        {
            grid.row([String::new(), format!("A ends at step {first}, B at {second}")]);
        }
        grid.section("What one alone has")
    }
}

/// `step 803`, or `after 800, by 810` where nobody has seen what is between.
fn place(point: &DifferingPoint) -> String {
    match point.after {
        Some(after) if after.0 + 1 < point.step.0 => format!("after {after}, by {}", point.step),
        _ => format!("step {}", point.step),
    }
}

fn table(title: &str, rows: &[Differing], width: u16) -> String {
    let mut grid = Grid::new([Align::Left], width);
    grid.header(["", LETTERS[0], LETTERS[1]]);
    for row in rows {
        let [a, b] = row.values.each_ref().map(|value| clean(value));
        grid.row([clean(&row.name), a, b]);
    }
    grid.section(title)
}
