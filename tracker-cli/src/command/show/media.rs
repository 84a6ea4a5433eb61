//! `tracker show RUN --media NAME`: pictures, tables, plots and files, step by step.

use anyhow::{Result, bail};
use tracker_core::{
    read::{MediaItem, MediaRow, RunReader},
    text::plural,
};

use crate::{
    answers::{
        command::media::{Item, Logged, Media},
        versioned::Versioned,
    },
    args::Show,
    command::media_folder::MediaFolder,
    terminal::{
        printer,
        table::{Align, Grid, MISSING},
        text::{clean, clean_lines, shorten, size},
    },
};

/// The most items that are listed; `--json` has all.
const MAX_ITEMS: usize = 200;

/// As much of a hash as tells one file from another.
const SHORT_HASH: usize = 12;

/// As much of a caption as is shown.
const CAPTION: usize = 40;

/// Prints the media of a name, and saves them where that is asked for.
pub(super) fn print(run: &RunReader, name: &str, args: &Show) -> Result<()> {
    let rows = match args.step {
        Some(step) => run.media_at(name, step)?,
        None => run.media(name)?,
    };
    if rows.is_empty() {
        bail!(nothing(run, name, args.step)?);
    }
    let saved = match &args.save {
        Some(folder) => {
            let mut media = MediaFolder::new(run, folder);
            let saved = media.save(name, &rows)?;
            let (files, name) = (plural(media.files(), "file"), &run.info().name);
            printer::note(&format!("wrote {files} of run {name} to {}", folder.display()));
            saved
        }
        None => Vec::new(),
    };
    if args.json {
        printer::json(&Versioned::new(answer(run, name, &rows, saved)))?;
    } else if args.save.is_none() {
        printer::text(&text(name, &rows, printer::width()))?;
    }
    printer::left_out_by(run);
    Ok(())
}

fn nothing(run: &RunReader, name: &str, step: Option<u64>) -> Result<String> {
    let shown = clean(name);
    let known = run.media_names()?;
    if let Some(step) = step.filter(|_| known.iter().any(|known| known == name)) {
        let rows = run.media(name)?;
        let last = rows.last().map(|row| row.step.to_string()).unwrap_or_default();
        return Ok(format!("`{shown}` has nothing at step {step}\nhint: its last step is {last}"));
    }
    let hint = match known.as_slice() {
        [] => "`run.log_media` logs pictures, tables, plots and files".to_owned(),
        known => {
            let known: Vec<String> = known.iter().take(8).map(|name| clean(name)).collect();
            format!("it has {}", known.join(", "))
        }
    };
    Ok(format!("run {} has no media `{shown}`\nhint: {hint}", run.info().name))
}

fn answer<'a>(
    run: &'a RunReader,
    name: &'a str,
    rows: &'a [MediaRow],
    saved: Vec<Option<String>>,
) -> Media<'a> {
    let mut saved = saved.into_iter();
    let mut logged = |row: &'a MediaRow| Logged {
        step: row.step,
        time: row.time,
        items: row.items.iter().map(|item| Item { item, saved: saved.next().flatten() }).collect(),
    };
    Media { run: run.info().id.as_str(), name, media: rows.iter().map(&mut logged).collect() }
}

fn text(name: &str, rows: &[MediaRow], width: u16) -> String {
    let mut grid = Grid::new([Align::Right, Align::Left, Align::Left, Align::Right], width);
    grid.header(["step", "", "", "size", "sha256", "caption"]);
    let items = rows.iter().flat_map(|row| row.items.iter().map(move |item| (row, item)));
    let all = items.clone().count();
    for (row, item) in items.take(MAX_ITEMS) {
        let caption = item.caption().map(clean_lines).unwrap_or_default().replace('\n', " ");
        let hash = item.file().and_then(|file| file.sha256.as_str().get(..SHORT_HASH));
        grid.row([
            row.step.to_string(),
            item.kind().to_owned(),
            measure(item),
            item.file().map_or_else(|| MISSING.to_owned(), |file| size(file.bytes)),
            hash.unwrap_or(MISSING).to_owned(),
            shorten(&caption, CAPTION),
        ]);
    }
    let title = match all.saturating_sub(MAX_ITEMS) {
        0 => clean(name),
        more => format!("{} (the first {MAX_ITEMS}; --json has {more} more)", clean(name)),
    };
    grid.section(&title).trim_start().to_owned()
}

/// How large it is, or what it comes to.
fn measure(item: &MediaItem) -> String {
    match item {
        MediaItem::Image { width, height, .. } => format!("{width} × {height}"),
        MediaItem::Table { rows, columns, .. } => format!("{rows} × {columns}"),
        MediaItem::File { file, .. } => file.ext.as_str().to_owned(),
        MediaItem::ConfusionMatrix(matrix) => format!("{} classes", matrix.names.len()),
        MediaItem::PrCurve(curve) => format!("area {:.4}", curve.area),
        MediaItem::RocCurve(curve) => format!("area {:.4}", curve.area),
        _ => String::new(),
    }
}
