//! What each key does.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::command::watch::state::{Action, Mode, Watched};

/// The keys for the list of them, with what they do.
pub(crate) const KEYS: [(&str, &str); 11] = [
    ("↑ ↓ or j k", "another run"),
    ("space", "draw this run beside the others"),
    ("← → or h l", "other charts"),
    ("/", "only metrics with these words"),
    ("g", "logarithmic axis"),
    ("m", "training and validation in one chart or in two"),
    ("s", "smoothing: none, 0.5, 0.9"),
    ("t", "stop this run"),
    ("r", "as at first"),
    ("?", "this list"),
    ("q", "leave; the training goes on"),
];

/// Changes the state by a key, and says what else it asks for.
pub(crate) fn press(state: &mut Watched, key: KeyEvent) -> Action {
    if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
        return Action::Leave;
    }
    state.notice = None;
    match state.mode {
        Mode::Normal => normal(state, key.code),
        Mode::Filter => filter(state, key.code),
        Mode::Help => {
            state.mode = Mode::Normal;
            Action::None
        }
        Mode::Stop => stop(state, key.code),
    }
}

fn normal(state: &mut Watched, key: KeyCode) -> Action {
    match key {
        KeyCode::Char('q') | KeyCode::Esc => return Action::Leave,
        KeyCode::Up | KeyCode::Char('k') => state.at = state.at.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => {
            state.at = (state.at + 1).min(state.runs.len().saturating_sub(1));
        }
        KeyCode::Char(' ') => mark(state),
        KeyCode::Left | KeyCode::Char('h') => {
            state.first = state.first.saturating_sub(1);
            return Action::None;
        }
        KeyCode::Right | KeyCode::Char('l') => {
            state.first = (state.first + 1).min(state.panels.len().saturating_sub(1));
            return Action::None;
        }
        KeyCode::Char('/') => state.mode = Mode::Filter,
        KeyCode::Char('g') => state.is_log = !state.is_log,
        KeyCode::Char('m') => state.joins = !state.joins,
        KeyCode::Char('s') => {
            state.smooth = match state.smooth {
                0 => 5,
                5 => 9,
                _ => 0,
            }
        }
        KeyCode::Char('t') if state.current().is_some_and(|run| run.state == "running") => {
            state.mode = Mode::Stop;
        }
        KeyCode::Char('t') => state.notice = Some("this run does not train".to_owned()),
        KeyCode::Char('r') => {
            state.marked.clear();
            state.filter.clear();
            (state.is_log, state.joins, state.smooth, state.first) = (false, true, 0, 0);
        }
        KeyCode::Char('?') => state.mode = Mode::Help,
        _ => return Action::None,
    }
    Action::Read
}

fn mark(state: &mut Watched) {
    let Some(id) = state.current().map(|run| run.id.clone()) else { return };
    if !state.marked.remove(&id) {
        state.marked.insert(id);
    }
}

fn filter(state: &mut Watched, key: KeyCode) -> Action {
    match key {
        KeyCode::Enter => state.mode = Mode::Normal,
        KeyCode::Esc => {
            state.filter.clear();
            state.mode = Mode::Normal;
        }
        KeyCode::Backspace => {
            state.filter.pop();
        }
        KeyCode::Char(c) => state.filter.push(c),
        _ => return Action::None,
    }
    state.first = 0;
    Action::Read
}

fn stop(state: &mut Watched, key: KeyCode) -> Action {
    state.mode = Mode::Normal;
    match key {
        KeyCode::Char('e') => Action::Stop { now: false },
        KeyCode::Char('n') => Action::Stop { now: true },
        _ => Action::None,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::state::Listed, *};

    fn state() -> Watched {
        let run = |id: &str, state| Listed {
            id: id.to_owned(),
            name: id.to_owned(),
            project: "p".to_owned(),
            state,
        };
        Watched::new(vec![run("a", "running"), run("b", "finished"), run("c", "crashed")], "b")
    }

    fn type_in(state: &mut Watched, keys: &str) -> Action {
        let mut last = Action::None;
        for c in keys.chars() {
            last = press(state, KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
        }
        last
    }

    #[test]
    fn the_cursor_moves_within_the_list() {
        let mut state = state();
        assert_eq!(state.at, 1);
        type_in(&mut state, "jjj");
        assert_eq!(state.at, 2);
        type_in(&mut state, "kkkkk");
        assert_eq!(state.at, 0);
    }

    #[test]
    fn marked_runs_are_drawn_beside_the_one_under_the_cursor() {
        let mut state = state();
        type_in(&mut state, " j");
        let drawn: Vec<&str> = state.drawn().into_iter().map(|run| run.id.as_str()).collect();
        assert_eq!(drawn, ["b", "c"]);
        type_in(&mut state, "k ");
        assert_eq!(state.drawn().len(), 1);
    }

    #[test]
    fn letters_are_no_commands_while_the_filter_is_typed() {
        let mut state = state();
        type_in(&mut state, "/loss q");
        assert_eq!(state.filter, "loss q");
        assert!(state.shows("train/LOSS/q") && !state.shows("train/loss"));
        let key = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        press(&mut state, key);
        assert_eq!(type_in(&mut state, "q"), Action::Leave);
    }

    #[test]
    fn only_a_run_that_trains_is_stopped_and_only_after_a_second_key() {
        let mut state = state();
        type_in(&mut state, "t");
        assert_eq!(state.mode, Mode::Normal);
        assert!(state.notice.is_some());
        type_in(&mut state, "kt");
        assert_eq!(state.mode, Mode::Stop);
        assert_eq!(type_in(&mut state, "x"), Action::None);
        assert_eq!(type_in(&mut state, "te"), Action::Stop { now: false });
        assert_eq!(type_in(&mut state, "tn"), Action::Stop { now: true });
    }

    #[test]
    fn a_new_list_keeps_the_cursor_on_its_run() {
        let mut state = state();
        let mut runs = state.runs.clone();
        runs.insert(0, Listed { id: "new".to_owned(), ..runs[0].clone() });
        state.take_runs(runs);
        assert_eq!(state.current().unwrap().id, "b");
        state.take_runs(Vec::new());
        assert!(state.current().is_none());
    }
}
