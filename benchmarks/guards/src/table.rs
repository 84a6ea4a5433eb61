//! The figures of both sides, and which are worse.

/// More than this is worse, less is noise.
const TOLERANCE: f64 = 1.03;

/// All figures, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Table {
    sides: [String; 2],
    rows: Vec<Row>,
}

/// What was taken of one figure on both sides.
#[derive(Debug)]
struct Row {
    name: String,
    taken: [Vec<f64>; 2],
}

impl Table {
    pub(crate) fn new(sides: [&String; 2]) -> Self {
        Self { sides: sides.map(String::clone), rows: Vec::new() }
    }

    /// Adds what was taken in one round.
    pub(crate) fn add(&mut self, name: &str, side: usize, number: f64) {
        let place = self.rows.iter().position(|row| row.name == name).unwrap_or_else(|| {
            self.rows.push(Row { name: name.to_owned(), taken: [Vec::new(), Vec::new()] });
            self.rows.len() - 1
        });
        self.rows[place].taken[side].push(number);
    }

    /// Prints a table in Markdown: medians, their ratio, and how far the ratios of single rounds
    /// lie apart.
    pub(crate) fn print(&self) {
        let [before, now] = &self.sides;
        println!("\n| figure | {before} | {now} | ratio | quartiles of rounds | |");
        println!("|---|---|---|---|---|---|");
        for row in &self.rows {
            println!("{}", row.line());
        }
    }
}

impl Row {
    fn line(&self) -> String {
        let [before, now] = [0, 1].map(|side: usize| quantile(&self.taken[side], 0.5));
        let pairs = self.taken[1].iter().zip(&self.taken[0]);
        let ratios: Vec<f64> = pairs.map(|(now, before)| now / before).collect();
        let ratio = now / before;
        let verdict = if ratio > TOLERANCE { "worse" } else { "" };
        let (low, high) = (quantile(&ratios, 0.25), quantile(&ratios, 0.75));
        format!(
            "| {} | {before:.3} | {now:.3} | {ratio:.3} | {low:.3}–{high:.3} | {verdict} |",
            self.name
        )
    }
}

fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = last as f64 * part;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    low + (high - low) * place.fract()
}
