//! Times as people write them: a year, a month, a day, an hour, a minute or a second, each with its beginning
//! and its end.

use chrono::{Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::Timestamp;

/// From a moment until another one, which is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) begin: i64,
    pub(super) end: i64,
}

/// Reads `2026`, `2026-11`, `2026-11-01`, `2026-11-01T10`, `…T10:30`, `…T10:30:05`, also with a space and with a
/// `Z`, in UTC; `today` and `yesterday`.
pub(super) fn span(text: &str, now: Timestamp) -> Option<Span> {
    let text = text.trim().trim_end_matches(['Z', 'z']);
    let today = chrono::DateTime::from_timestamp_micros(now.0)?.date_naive();
    match text.to_ascii_lowercase().as_str() {
        "today" => return days(today),
        "yesterday" => return days(today.checked_sub_days(Days::new(1))?),
        _ => {}
    }
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let parts = numbers(date, '-')?;
    match (parts.as_slice(), time) {
        ([year], None) => {
            let begin = NaiveDate::from_ymd_opt(year_of(*year)?, 1, 1)?;
            Some(between(begin, begin.checked_add_months(Months::new(12))?))
        }
        ([year, month], None) => {
            let begin = NaiveDate::from_ymd_opt(year_of(*year)?, *month, 1)?;
            Some(between(begin, begin.checked_add_months(Months::new(1))?))
        }
        ([year, month, day], None) => days(NaiveDate::from_ymd_opt(year_of(*year)?, *month, *day)?),
        ([year, month, day], Some(time)) => {
            clock(NaiveDate::from_ymd_opt(year_of(*year)?, *month, *day)?, time)
        }
        _ => None,
    }
}

/// Numbers between signs, each of digits alone.
fn numbers(text: &str, sign: char) -> Option<Vec<u32>> {
    let number = |part: &str| {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { part.parse().ok() } else { None }
    };
    text.split(sign).map(number).collect()
}

/// A year of four digits: a shorter number is none.
fn year_of(year: u32) -> Option<i32> {
    i32::try_from(year).ok().filter(|year| (1_000..10_000).contains(year))
}

fn days(day: NaiveDate) -> Option<Span> {
    Some(between(day, day.checked_add_days(Days::new(1))?))
}

fn between(begin: NaiveDate, end: NaiveDate) -> Span {
    let micros = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc().timestamp_micros();
    Span { begin: micros(begin), end: micros(end) }
}

fn clock(date: NaiveDate, time: &str) -> Option<Span> {
    let (hour, minute, second, length) = match numbers(time, ':')?.as_slice() {
        [hour] => (*hour, 0, 0, TimeDelta::hours(1)),
        [hour, minute] => (*hour, *minute, 0, TimeDelta::minutes(1)),
        [hour, minute, second] => (*hour, *minute, *second, TimeDelta::seconds(1)),
        _ => return None,
    };
    let begin: NaiveDateTime = date.and_hms_opt(hour, minute, second)?;
    let micros = |time: NaiveDateTime| time.and_utc().timestamp_micros();
    Some(Span { begin: micros(begin), end: micros(begin.checked_add_signed(length)?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_as_long_as_it_is_written() {
        let now: Timestamp = "2026-12-01T12:30:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap().0;
        for (text, begin, end) in [
            ("2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2026-02-28", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("2026-02-28T23", "2026-02-28T23:00:00Z", "2026-03-01T00:00:00Z"),
            ("2026-02-28 23:59", "2026-02-28T23:59:00Z", "2026-03-01T00:00:00Z"),
            ("2026-02-28T10:00:05Z", "2026-02-28T10:00:05Z", "2026-02-28T10:00:06Z"),
            ("Today", "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"),
            ("yesterday", "2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z"),
        ] {
            assert_eq!(span(text, now), Some(Span { begin: at(begin), end: at(end) }), "{text}");
        }
        for none in
            ["", "26", "2026-13", "2026-02-30", "2026-1-1-1", "2026-01-01T25", "soon", "+2026"]
        {
            assert_eq!(span(none, now), None, "{none}");
        }
    }
}
