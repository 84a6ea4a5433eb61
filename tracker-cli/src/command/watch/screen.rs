//! Draws the state in a terminal and reads keys.

use std::time::{Duration, Instant};

use anyhow::Result;
use ratatui::{
    Frame,
    crossterm::event::{self, Event, KeyEventKind},
    layout::{Constraint, Layout, Rect},
    style::{Color, Modifier, Style},
    symbols::Marker,
    text::{Line as TextLine, Span},
    widgets::{
        Axis, Block, Chart, Clear, Dataset, GraphType, List, ListItem, ListState, Paragraph, Wrap,
    },
};
use tracker_core::{
    read::{RunReader, Store},
    text::{is_unseen, shown_value},
};

use crate::{
    command::watch::{
        away,
        keys::{KEYS, press},
        source,
        state::{Action, Listed, Mode, Panel, Watched},
        terminal::Screen,
    },
    terminal::{
        outline::with_some_height,
        text::{clean, shorten},
    },
};

/// How often the store is looked at.
const PAUSE: Duration = Duration::from_millis(500);

/// The least terminal in which charts can be read.
const LEAST: (u16, u16) = (50, 12);

/// The terminal's own colours, so that they fit its background.
const COLORS: [Color; 6] =
    [Color::Cyan, Color::Yellow, Color::Magenta, Color::Green, Color::Blue, Color::Red];

/// Shows runs until somebody leaves.
pub(crate) fn run(store: &Store, first: &RunReader) -> Result<()> {
    let mut state = Watched::new(source::listed(store)?, first.info().id.as_str());
    state.panels = source::panels(store, &state)?;
    follow(store, &mut state, &mut Screen::open()?)
}

fn follow(store: &Store, state: &mut Watched, screen: &mut Screen) -> Result<()> {
    let mut looked = Instant::now();
    loop {
        screen.draw(|frame| draw(frame, state))?;
        let mut action = Action::None;
        if event::poll(PAUSE.saturating_sub(looked.elapsed()))?
            && let Event::Key(key) = event::read()?
            && key.kind == KeyEventKind::Press
        {
            action = press(state, key);
        }
        match action {
            Action::Leave => return Ok(()),
            Action::Stop { now } => {
                let said = source::stop(store, state, now);
                state.notice = Some(said.unwrap_or_else(|error| error.to_string()));
            }
            Action::Read => look(store, state),
            Action::None => {}
        }
        if looked.elapsed() >= PAUSE {
            look(store, state);
            looked = Instant::now();
        }
    }
}

/// Reads what is shown. While the store cannot be read, what was seen last stays: it may come
/// back, as a folder on another machine does.
#[expect(clippy::disallowed_methods, reason = "the root of a store is a person's own folder")]
fn look(store: &Store, state: &mut Watched) {
    if !store.root().is_dir() {
        state.trouble = Some(away(store));
        return;
    }
    let read = source::listed(store).and_then(|runs| {
        state.take_runs(runs);
        source::panels(store, state)
    });
    match read {
        Ok(panels) => (state.panels, state.trouble) = (panels, None),
        Err(error) => state.trouble = error.to_string().lines().next().map(str::to_owned),
    }
}

/// Draws all of it, and leaves nothing on the screen that could steer the terminal.
pub(crate) fn draw(frame: &mut Frame<'_>, state: &Watched) {
    draw_parts(frame, state);
    for cell in &mut frame.buffer_mut().content {
        if cell.symbol().contains(is_unseen) {
            let shown = cell.symbol().replace(is_unseen, "");
            cell.set_symbol(if shown.is_empty() { " " } else { &shown });
        }
    }
}

fn draw_parts(frame: &mut Frame<'_>, state: &Watched) {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let words = format!("Make the terminal larger: {} x {} at least.", LEAST.0, LEAST.1);
        frame.render_widget(Paragraph::new(words).wrap(Wrap { trim: true }), area);
        return;
    }
    let [main, foot] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(area);
    let list = (area.width / 4).clamp(18, 32);
    let [left, right] =
        Layout::horizontal([Constraint::Length(list), Constraint::Min(0)]).areas(main);
    draw_runs(frame, state, left);
    draw_panels(frame, state, right);
    frame.render_widget(Paragraph::new(foot_line(state)), foot);
    if state.mode == Mode::Help {
        draw_help(frame, area);
    }
}

fn mark_of(run: &Listed) -> (&'static str, Color) {
    match run.state {
        "running" => ("●", Color::Cyan),
        "finished" => ("✓", Color::Green),
        "failed" | "crashed" => ("✕", Color::Red),
        "stopped" => ("■", Color::Yellow),
        _ => ("○", Color::Reset),
    }
}

fn draw_runs(frame: &mut Frame<'_>, state: &Watched, area: Rect) {
    let name_width = usize::from(area.width.saturating_sub(6));
    let item = |run: &Listed| {
        let (mark, color) = mark_of(run);
        let chosen = if state.marked.contains(&run.id) { "+" } else { " " };
        let name = shorten(&run.name, name_width);
        ListItem::new(TextLine::from(vec![
            Span::styled(mark, Style::new().fg(color)),
            Span::raw(format!("{chosen}{name}")),
        ]))
    };
    let items: Vec<ListItem<'_>> = state.runs.iter().map(item).collect();
    let list = List::new(items)
        .block(Block::bordered().title(" runs "))
        .highlight_symbol("›")
        .highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    let mut at = ListState::default().with_selected(Some(state.at));
    frame.render_stateful_widget(list, area, &mut at);
}

/// As many charts as fit, each at least ten lines high.
fn draw_panels(frame: &mut Frame<'_>, state: &Watched, area: Rect) {
    let panels = state.panels.get(state.first..).unwrap_or_default();
    if panels.is_empty() {
        let words = if state.filter.is_empty() {
            "Nothing was logged yet. Charts appear with the first number."
        } else {
            "No metric has these words. Esc in the filter clears it."
        };
        let block = Block::bordered();
        frame.render_widget(Paragraph::new(words).block(block).wrap(Wrap { trim: true }), area);
        return;
    }
    let columns = if area.width >= 100 { 2 } else { 1 };
    let rows = (area.height / 10).max(1);
    let shown: Vec<&Panel> = panels.iter().take(usize::from(columns * rows)).collect();
    let lines = shown.len().div_ceil(usize::from(columns));
    let row_areas = Layout::vertical(vec![Constraint::Fill(1); lines]).split(area);
    for (row, panels) in row_areas.iter().zip(shown.chunks(usize::from(columns))) {
        let cells = Layout::horizontal(vec![Constraint::Fill(1); panels.len()]).split(*row);
        for (cell, panel) in cells.iter().zip(panels) {
            draw_panel(frame, panel, state.is_log, *cell);
        }
    }
}

fn draw_panel(frame: &mut Frame<'_>, panel: &Panel, is_log: bool, area: Rect) {
    let scale = |value: f64| if is_log { value.log10() } else { value };
    let lines: Vec<Vec<(f64, f64)>> = panel
        .lines
        .iter()
        .map(|line| {
            let points = line.points.iter().map(|(x, y)| (*x, scale(*y)));
            points.filter(|(_, y)| y.is_finite()).collect()
        })
        .collect();
    let block = Block::bordered().title(title(panel, is_log));
    let Some((x, y)) = bounds(&lines) else {
        let words = why_empty(panel, is_log);
        frame.render_widget(Paragraph::new(words).block(block).wrap(Wrap { trim: true }), area);
        return;
    };
    let datasets = lines.iter().enumerate().map(|(at, points)| {
        let kind = if points.len() == 1 { GraphType::Scatter } else { GraphType::Line };
        let marker = if points.len() == 1 { Marker::Dot } else { Marker::Braille };
        let dataset = Dataset::default().marker(marker).graph_type(kind).data(points);
        let named = if lines.len() > 1 {
            dataset
                .name(panel.lines.get(at).map(|line| shorten(&line.name, 16)).unwrap_or_default())
        } else {
            dataset
        };
        named.style(Style::new().fg(COLORS.get(at % COLORS.len()).copied().unwrap_or_default()))
    });
    let value =
        |y: f64| clean(&shown_value(if is_log { 10_f64.powf(y) } else { y }, &panel.definition));
    let chart = Chart::new(datasets.collect())
        .block(block)
        .x_axis(Axis::default().bounds(around_step(x)).labels(step_labels(x)))
        .y_axis(Axis::default().bounds(y).labels([value(y[0]), value(y[1])]));
    frame.render_widget(chart, area);
}

fn title(panel: &Panel, is_log: bool) -> String {
    let last = match panel.lines.as_slice() {
        [only] => only.points.last().map(|(_, y)| clean(&shown_value(*y, &panel.definition))),
        _ => None,
    };
    let last = last.map(|value| format!(" {value}")).unwrap_or_default();
    let not_finite: u64 = panel.lines.iter().map(|line| line.not_finite).sum();
    let lost = if not_finite > 0 { format!(" · {not_finite} not finite") } else { String::new() };
    let log = if is_log { " · log" } else { "" };
    format!(" {}{last}{log}{lost} ", clean(&panel.metric))
}

/// Why there is nothing to draw.
fn why_empty(panel: &Panel, is_log: bool) -> &'static str {
    let has_points = panel.lines.iter().any(|line| !line.points.is_empty());
    if is_log && has_points {
        "All values are at or below 0: a log axis cannot show them. Press g."
    } else if panel.lines.iter().any(|line| line.not_finite > 0) {
        "All values are NaN or infinite."
    } else {
        "No values yet."
    }
}

/// The steps at the ends of the axis; of a single step, that one in the middle.
fn step_labels([first, last]: [f64; 2]) -> Vec<String> {
    if first < last {
        return vec![format!("{first}"), format!("step {last}")];
    }
    vec![String::new(), format!("step {first}"), String::new()]
}

/// Room beside a single step.
fn around_step([first, last]: [f64; 2]) -> [f64; 2] {
    if first < last { [first, last] } else { [first - 0.5, last + 0.5] }
}

/// The ranges of all points, with room above and below a flat curve; `None` without points.
fn bounds(lines: &[Vec<(f64, f64)>]) -> Option<([f64; 2], [f64; 2])> {
    let points = || lines.iter().flatten();
    points().next()?;
    let range = |values: &mut dyn Iterator<Item = f64>| {
        values.fold([f64::INFINITY, f64::NEG_INFINITY], |[least, greatest], value| {
            [least.min(value), greatest.max(value)]
        })
    };
    let x = range(&mut points().map(|(x, _)| *x));
    let y = range(&mut points().map(|(_, y)| *y));
    Some((x, with_some_height((y[0], y[1])).into()))
}

fn foot_line(state: &Watched) -> String {
    if let Some(notice) = state.trouble.as_ref().or(state.notice.as_ref()) {
        return format!(" {}", clean(notice));
    }
    match state.mode {
        Mode::Filter => format!(" metrics with: {}▏ (Enter keeps, Esc clears)", state.filter),
        Mode::Stop => " stop this run? e after this epoch · n now · any other key: no".to_owned(),
        Mode::Normal | Mode::Help => {
            let project = state.current().map(|run| run.project.clone()).unwrap_or_default();
            let smooth = match state.smooth {
                0 => String::new(),
                tenths => format!(" · smooth 0.{tenths}"),
            };
            format!(
                " {project}{smooth} · / filter  g log  s smooth  space mark  t stop  ? keys  q leave"
            )
        }
    }
}

fn draw_help(frame: &mut Frame<'_>, area: Rect) {
    let height = KEYS.len() as u16 + 2;
    let [middle] = Layout::vertical([Constraint::Length(height)])
        .flex(ratatui::layout::Flex::Center)
        .areas(area);
    let [middle] = Layout::horizontal([Constraint::Length(62)])
        .flex(ratatui::layout::Flex::Center)
        .areas(middle);
    let lines: Vec<TextLine<'_>> =
        KEYS.iter().map(|(key, what)| TextLine::from(format!(" {key:<12} {what}"))).collect();
    frame.render_widget(Clear, middle);
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" keys ")), middle);
}

#[cfg(test)]
mod tests {
    use ratatui::{Terminal, backend::TestBackend};

    use super::{super::state::Line, *};

    fn state() -> Watched {
        let run = |id: &str, name: &str, state| Listed {
            id: id.to_owned(),
            name: name.to_owned(),
            project: "mnist".to_owned(),
            state,
        };
        let runs = vec![run("a", "calm-otter", "running"), run("b", "bold-finch", "crashed")];
        let mut state = Watched::new(runs, "a");
        let line = |points: &[(f64, f64)], not_finite| Line {
            name: "calm-otter".to_owned(),
            points: points.to_vec(),
            not_finite,
        };
        let panel = |metric: &str, line| Panel {
            metric: metric.to_owned(),
            definition: tracker_core::Definition::new(),
            lines: vec![line],
        };
        state.panels = vec![
            panel("train/loss", line(&[(0.0, 2.0), (10.0, 1.0), (20.0, 0.5)], 3)),
            panel("single", line(&[(7.0, 0.25)], 0)),
            panel("nan", line(&[], 5)),
            panel("negative", line(&[(0.0, -1.0), (1.0, -2.0)], 0)),
        ];
        state
    }

    fn drawn(state: &Watched, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, state)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn runs_and_charts_stand_beside_each_other() {
        let text = drawn(&state(), 120, 40);
        for words in ["● calm-otter", "✕ bold-finch", "train/loss 0.5", "3 not finite", "step 20"]
        {
            assert!(text.contains(words), "{words}\n{text}");
        }
        assert!(text.contains("All values are NaN or infinite."), "{text}");
    }

    #[test]
    fn no_text_of_a_store_steers_the_terminal() {
        let evil = "e\u{202e}v\u{1b}[2J\u{9b}i\u{200b}l";
        let mut state = state();
        (state.filter, state.notice) = (evil.to_owned(), Some(evil.to_owned()));
        state.runs[0].name = evil.to_owned();
        state.panels[0].metric = evil.to_owned();
        state.panels[0].definition = tracker_core::Definition::new().unit(evil);
        let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
        terminal.draw(|frame| draw(frame, &state)).unwrap();
        let cells = &terminal.backend().buffer().content;
        assert!(cells.iter().all(|cell| !cell.symbol().contains(is_unseen)));
        assert!(terminal.backend().to_string().contains("0.5000 ev"), "units are shown");
    }

    #[test]
    fn a_log_axis_says_what_it_cannot_show() {
        let mut state = state();
        (state.is_log, state.first) = (true, 3);
        assert!(drawn(&state, 120, 40).contains("a log axis cannot show them"));
    }

    #[test]
    fn every_size_of_terminal_is_drawn() {
        let mut state = state();
        for mode in [Mode::Normal, Mode::Filter, Mode::Help, Mode::Stop] {
            state.mode = mode;
            for (width, height) in [(1, 1), (40, 10), (50, 12), (80, 24), (200, 60)] {
                drawn(&state, width, height);
            }
        }
        assert!(drawn(&state, 40, 10).contains("Make the terminal larger"));
    }

    #[test]
    fn a_single_point_stands_in_the_middle_of_a_narrow_range() {
        let mut state = state();
        state.first = 1;
        state.panels.truncate(2);
        let text = drawn(&state, 80, 20);
        for words in ["0.275", "0.225", "step 7 "] {
            assert!(text.contains(words), "{words}\n{text}");
        }
        assert!(!text.contains("7.5") && !text.contains("-0."), "{text}");
    }

    #[test]
    fn flat_curves_of_every_size_have_a_range_around_them() {
        for value in [0.0, 1e-9, -3.0, f64::MAX, f64::MIN, 5e-324] {
            let ([first, last], [least, greatest]) = bounds(&[vec![(2.0, value)]]).unwrap();
            assert_eq!((first, last), (2.0, 2.0));
            assert!(least <= value && value <= greatest && least < greatest, "{value}");
            assert!(greatest - least <= value.abs().max(1.0) * 2.0, "{value}");
        }
    }

    #[test]
    fn while_the_store_is_away_the_last_look_stays_and_the_trouble_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("store");
        let run = tracker_core::init("mnist").name("here").dir(&root).signals(false);
        let run = run.start().unwrap();
        run.log_at(1_u64, [("loss", 0.5)]);
        run.finish().unwrap();
        let store = Store::open(&root).unwrap();
        let mut state = Watched::new(source::listed(&store).unwrap(), run.id().as_str());
        look(&store, &mut state);
        std::fs::rename(&root, folder.path().join("away")).unwrap();
        look(&store, &mut state);
        let text = drawn(&state, 80, 24);
        assert!(text.contains("✓ here") && text.contains("loss 0.5"), "{text}");
        assert!(text.contains("is not there"), "{text}");
        std::fs::rename(folder.path().join("away"), &root).unwrap();
        tracker_core::init("mnist").name("later").dir(&root).start().unwrap().finish().unwrap();
        look(&store, &mut state);
        let text = drawn(&state, 80, 24);
        assert!(text.contains("later") && !text.contains("is not there"), "{text}");
        assert_eq!(state.current().unwrap().name, "here");
    }

    #[test]
    fn nothing_logged_and_nothing_found_are_told_apart() {
        let mut state = state();
        state.panels.clear();
        assert!(drawn(&state, 80, 24).contains("Nothing was logged yet."));
        state.filter = "x".to_owned();
        assert!(drawn(&state, 80, 24).contains("No metric has these words."));
    }
}
