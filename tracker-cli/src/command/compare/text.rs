//! A comparison for people.

use std::collections::BTreeSet;

use tracker_core::{
    Summary, Timestamp,
    read::{ComparedPackage, ComparedSetting, shown_setting},
    text::shown_value,
};

use crate::{
    command::compare::{Compared, Side},
    terminal::{
        plot::{self, Plot, arrow, colored},
        table::{Align, Grid, MISSING, NO_BREAK},
        text::{ago, bold, clean, more, shorten, width as width_of},
    },
    view::{best_values::best_of, metric_order::METRIC_HINT, provenance_text::origin_rows},
};

/// The lines of a curve.
const CURVE_HEIGHT: u16 = 10;

/// The width from which two curves stand side by side.
const TWO_CURVES: u16 = 140;

/// The metrics that are listed, unless `--metric` names others.
const MAX_METRICS: usize = 40;

/// The longest name in the title of a column.
const TITLE_WIDTH: usize = 18;

/// A longer cell is continued on the next line rather than making room for it.
const CELL_WIDTH: usize = 26;

/// What stands behind the best value of a row, and the space that keeps the others aligned.
const BEST: &str = " *";
const NOT_BEST: &str = "\u{a0}\u{a0}";

impl Compared {
    pub(crate) fn to_text(&self, plots: &[Plot], only_differences: bool, width: u16) -> String {
        let columns = if width >= TWO_CURVES { plots.len().min(2) } else { 1 };
        [
            self.legend(width),
            self.config(only_differences, width),
            self.origin(width),
            self.packages(width),
            self.metrics(width),
            plot::draw(plots, columns, width, CURVE_HEIGHT),
        ]
        .concat()
    }

    /// Which letter is which run; the letters have the colours of the curves.
    pub(crate) fn legend(&self, width: u16) -> String {
        let now = Timestamp::now();
        let mut grid = Grid::new([Align::Left], width);
        for side in &self.sides {
            let info = side.run.info();
            grid.row([
                side.letter.clone(),
                clean(&info.name),
                side.short_id.clone(),
                clean(&info.project),
                side.run.state().to_string(),
                ago(info.started_at, now),
            ]);
        }
        let lines = grid.lines();
        let mut painted = String::new();
        let mut sides = self.sides.iter().enumerate().peekable();
        for line in lines {
            let letter = sides.next_if(|(_, side)| line.starts_with(&side.letter));
            match letter
                .and_then(|(color, side)| Some((color, side, line.strip_prefix(&side.letter)?)))
            {
                Some((color, side, rest)) => painted += &(colored(&side.letter, color) + rest),
                None => painted += &line,
            }
            painted.push('\n');
        }
        painted
    }

    fn config(&self, only_differences: bool, width: u16) -> String {
        let settings = self.settings();
        let differing = settings.iter().filter(|setting| setting.differs()).count();
        let title = match (differing, settings.len()) {
            (_, 0) => return String::new(),
            (0, _) => "Config (the same in all)".to_owned(),
            (differing, total) => format!("Config ({differing} of {total} differ)"),
        };
        let wanted = settings.iter().filter(|setting| setting.differs() || !only_differences);
        let row = |setting: &ComparedSetting<'_>| Row {
            head: vec![clean(&setting.path)],
            values: setting.values.iter().map(|value| clean(&shown_setting(*value))).collect(),
        };
        let rows: Vec<Row> = wanted.map(row).collect();
        if rows.is_empty() {
            return format!("\n{}\n", bold(&title));
        }
        self.side_by_side(&title, &rows, Align::Left, width)
    }

    /// Where the runs came from, as far as they came from different places.
    fn origin(&self, width: u16) -> String {
        let sides = self.sides.iter().zip(&self.codes);
        let origins: Vec<Vec<(&str, String)>> = sides
            .map(|(side, known)| origin_rows(&side.run.info().provenance, known.code.as_ref()))
            .collect();
        let names = origins.first().into_iter().flatten().map(|(name, _)| *name);
        let row = |(index, name): (usize, &str)| {
            let values = origins.iter().filter_map(|origin| origin.get(index));
            let values = values.map(|(_, value)| match value.as_str() {
                "" => MISSING.to_owned(),
                value => value.to_owned(),
            });
            Row { head: vec![name.to_owned()], values: values.collect() }
        };
        let rows: Vec<Row> = names.enumerate().map(row).filter(Row::differs).collect();
        self.side_by_side("Origin (where it differs)", &rows, Align::Left, width)
    }

    /// The packages of Cargo.lock with different versions.
    fn packages(&self, width: u16) -> String {
        let row = |package: ComparedPackage<'_>| Row {
            head: vec![clean(package.name)],
            values: package
                .versions
                .iter()
                .map(|version| version.map_or(MISSING.to_owned(), clean))
                .collect(),
        };
        let rows: Vec<Row> = self.packages.differing().into_iter().map(row).collect();
        self.side_by_side("Packages (where they differ)", &rows, Align::Left, width)
    }

    fn metrics(&self, width: u16) -> String {
        let most = if self.is_own_choice { MAX_METRICS } else { usize::MAX };
        let mut rows = Vec::new();
        for metric in self.metrics.iter().take(most) {
            let definition = self.definition(metric);
            let name = format!("{}{}", clean(metric), arrow(&definition));
            let last = |summary: &Summary| Some(summary.last);
            if definition.direction.is_some() {
                rows.push(self.metric_row(metric, [&name, "best"], |summary| summary.best));
                rows.push(self.metric_row(metric, ["", "last"], last));
            } else {
                rows.push(self.metric_row(metric, [&name, "last"], last));
            }
        }
        let has_best = rows.iter().flat_map(|row| &row.values).any(|cell| cell.ends_with(BEST));
        let title = if has_best { "Metrics (* is the best)" } else { "Metrics" };
        let more = more(self.metrics.len(), most, METRIC_HINT);
        self.side_by_side(title, &rows, Align::Right, width)
            + &more.map(|more| format!("  {more}\n")).unwrap_or_default()
    }

    fn metric_row(
        &self,
        metric: &str,
        head: [&str; 2],
        number: impl Fn(&Summary) -> Option<f64>,
    ) -> Row {
        let definition = self.definition(metric);
        let values = self.values(metric, number);
        let best = best_of(&values, definition.direction);
        let cell = |(value, is_best): (&Option<f64>, bool)| {
            let shown = value.map(|value| clean(&shown_value(value, &definition)));
            let mark = if is_best { BEST } else { NOT_BEST };
            format!("{}{mark}", shown.as_deref().unwrap_or(MISSING))
        };
        let values = values.iter().zip(best).map(cell).collect();
        Row { head: head.map(str::to_owned).into(), values }
    }

    /// A column for each run. Runs that do not fit beside each other follow in a further table.
    fn side_by_side(&self, title: &str, rows: &[Row], align: Align, width: u16) -> String {
        let titles = self.column_titles();
        let all: Vec<usize> = (0..self.sides.len()).collect();
        let room = usize::from(width).saturating_sub(2);
        let fits = |size: &usize| {
            all.chunks(*size).all(|columns| needed_width(rows, &titles, columns) <= room)
        };
        let size = (2..=all.len()).rev().find(fits).unwrap_or(2);
        let mut page = String::new();
        for columns in all.chunks(size) {
            let head = rows.first().map_or(0, |row| row.head.len());
            let mut aligns = vec![Align::Left; head];
            aligns.push(align);
            let mut grid = Grid::new(aligns, width);
            let of_columns = |texts: &[String]| -> Vec<String> {
                columns.iter().filter_map(|column| texts.get(*column).cloned()).collect()
            };
            let blank = std::iter::repeat_n(String::new(), head);
            grid.header(blank.chain(of_columns(&titles)));
            for row in rows {
                grid.row(row.head.iter().cloned().chain(of_columns(&row.values)));
            }
            page.push_str(&grid.section(title));
        }
        page
    }

    /// The letter of each run, and its name where names tell the runs apart.
    fn column_titles(&self) -> Vec<String> {
        let names: BTreeSet<&str> =
            self.sides.iter().map(|side| side.run.info().name.as_str()).collect();
        let title = |side: &Side| {
            let name = shorten(&clean(&side.run.info().name), TITLE_WIDTH);
            if names.len() == self.sides.len() {
                format!("{}{NO_BREAK}{}", side.letter, name)
            } else {
                format!("{}{NO_BREAK}{}", side.letter, side.short_id)
            }
        };
        self.sides.iter().map(title).collect()
    }
}

/// A row of a table with a column for each run.
struct Row {
    head: Vec<String>,
    values: Vec<String>,
}

impl Row {
    fn differs(&self) -> bool {
        self.values.iter().any(|value| Some(value) != self.values.first())
    }
}

/// The width of a table of some of the runs, with long cells continued on further lines.
fn needed_width(rows: &[Row], titles: &[String], columns: &[usize]) -> usize {
    let widest = |texts: &mut dyn Iterator<Item = &String>| {
        texts.map(|text| width_of(text).min(CELL_WIDTH)).max().unwrap_or(0) + 2
    };
    let heads = rows.iter().map(|row| row.head.len()).max().unwrap_or(0);
    let head: usize = (0..heads)
        .map(|index| widest(&mut rows.iter().filter_map(|row| row.head.get(index))))
        .sum();
    let values: usize = columns
        .iter()
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.values.get(*column));
            widest(&mut cells.chain(titles.get(*column)))
        })
        .sum();
    (head + values).saturating_sub(2)
}
