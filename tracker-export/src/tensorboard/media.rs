//! Media as they are written: pictures, sounds, and what is a text there.

use std::io::Read;

use tracker_core::{
    Step, Timestamp,
    read::{MediaItem, MediaTable, RunReader, StoredMedia},
};

use crate::{
    Account, Result,
    tensorboard::{
        event::Plugin,
        plots,
        scalars::seconds,
        tables::{self, MOST_COLUMNS, MOST_ROWS},
        target::TensorBoardTarget,
        values::At,
    },
    words,
};

/// So many bytes of pictures or sounds go into one event. What is read back is a little longer.
const MOST_BYTES: usize = 24 << 20;

/// The longest text of a file.
const LONGEST_TEXT: u64 = 64 << 10;

const NONE: &str = "TensorBoard has no place for them";

/// What was logged in one call and goes into events together.
#[derive(Debug, Default)]
struct Together {
    pictures: Vec<Vec<u8>>,
    size: (u32, u32),
    sounds: Vec<(Vec<u8>, String)>,
    texts: Vec<String>,
}

impl TensorBoardTarget {
    pub(crate) fn media(
        &mut self,
        run: &RunReader,
        (name, step, time): (&str, Step, Timestamp),
        items: &[MediaItem],
        account: &mut Account,
    ) -> Result<()> {
        let Some(step) = Self::step_of("media", step, account) else { return Ok(()) };
        let mut together = Together::default();
        for item in items {
            together.add(run, item, account);
            if together.bytes() > MOST_BYTES {
                self.write_together(name, (step, time), &mut together, account)?;
            }
        }
        self.write_together(name, (step, time), &mut together, account)
    }

    fn write_together(
        &mut self,
        name: &str,
        (step, time): (u64, Timestamp),
        together: &mut Together,
        account: &mut Account,
    ) -> Result<()> {
        let Together { pictures, size, sounds, texts } = std::mem::take(together);
        let wall_time = seconds(time);
        if !pictures.is_empty() {
            let tag = self.tags.tag(name, Plugin::Images, account);
            let at = At { tag: &tag, step, wall_time };
            self.file.record(|out| at.pictures(out, size, &pictures))?;
        }
        if !sounds.is_empty() {
            let tag = self.tags.tag(name, Plugin::Audio, account);
            let at = At { tag: &tag, step, wall_time };
            self.file.record(|out| at.sounds(out, &sounds))?;
        }
        for text in texts {
            self.text(name, (step, time), &text, account)?;
        }
        Ok(())
    }
}

impl Together {
    fn bytes(&self) -> usize {
        let sounds = self.sounds.iter().map(|(sound, _)| sound.len());
        self.pictures.iter().map(Vec::len).chain(sounds).sum()
    }

    fn add(&mut self, run: &RunReader, item: &MediaItem, account: &mut Account) {
        match item {
            MediaItem::Image { file, width, height, caption } => {
                let why = "TensorBoard shows none";
                account.leave_out(words::CAPTIONS, why, u64::from(caption.is_some()));
                self.picture(run, file, (*width, *height), account);
            }
            MediaItem::Table { file, .. } => self.table(run, file, account),
            MediaItem::File { file, caption } => {
                self.file(run, file, caption.as_deref(), account);
            }
            MediaItem::ConfusionMatrix(matrix) => self.plot(plots::confusion(matrix), account),
            MediaItem::PrCurve(curve) => self.plot(plots::pr(curve), account),
            MediaItem::RocCurve(curve) => self.plot(plots::roc(curve), account),
            other => account.leave_out(words::of_media(other), NONE, 1),
        }
    }

    fn picture(
        &mut self,
        run: &RunReader,
        file: &StoredMedia,
        size: (u32, u32),
        account: &mut Account,
    ) {
        let Some(bytes) = read(run, file, account) else { return };
        account.keep(words::PICTURES, 1);
        if self.pictures.is_empty() {
            self.size = size;
        }
        self.pictures.push(bytes);
    }

    fn plot(&mut self, table: String, account: &mut Account) {
        account.keep("plots, as tables", 1);
        self.texts.push(table);
    }

    fn table(&mut self, run: &RunReader, file: &StoredMedia, account: &mut Account) {
        let opened = run.media_file(file.sha256.as_str()).and_then(MediaTable::open);
        let read = opened.and_then(|table| Ok((tables::markdown(&table)?, table)));
        let Ok((text, table)) = read else {
            account.leave_out(words::TABLES, "their files cannot be read", 1);
            return;
        };
        account.keep("tables, as texts", 1);
        let rows = table.rows().saturating_sub(MOST_ROWS) as u64;
        account.leave_out("rows of tables", "200 of a table are shown as a text", rows);
        let columns = table.columns().len().saturating_sub(MOST_COLUMNS) as u64;
        account.leave_out("columns of tables", "32 of a table are shown as a text", columns);
        self.texts.push(text);
    }

    fn file(
        &mut self,
        run: &RunReader,
        file: &StoredMedia,
        caption: Option<&str>,
        account: &mut Account,
    ) {
        match file.ext.as_str() {
            "png" | "jpg" | "gif" | "webp" => {
                let why = "TensorBoard shows none";
                account.leave_out(words::CAPTIONS, why, u64::from(caption.is_some()));
                // TensorBoard lays pictures out by themselves; the size is for programs.
                self.picture(run, file, (0, 0), account);
            }
            "wav" => {
                let Some(bytes) = read(run, file, account) else { return };
                account.keep(words::SOUNDS, 1);
                self.sounds.push((bytes, caption.unwrap_or_default().to_owned()));
            }
            "txt" if file.bytes <= LONGEST_TEXT => {
                let Some(bytes) = read(run, file, account) else { return };
                account.keep(words::of_file(file.ext), 1);
                self.texts.push(String::from_utf8_lossy(&bytes).into_owned());
            }
            ending => {
                let why = match ending {
                    "txt" => "they have more than 64 KiB".to_owned(),
                    _ => format!("TensorBoard has no place for .{ending}"),
                };
                account.leave_out(words::of_file(file.ext), why, 1);
            }
        }
    }
}

/// The bytes of a file of the run. One that cannot be read is counted.
fn read(run: &RunReader, file: &StoredMedia, account: &mut Account) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = run.media_file(file.sha256.as_str()).ok().and_then(|contents| {
        contents.file.take(contents.bytes.min(32 << 20)).read_to_end(&mut bytes).ok()
    });
    account.leave_out(
        words::of_file(file.ext),
        "their files cannot be read",
        u64::from(read.is_none()),
    );
    read.map(|_| bytes)
}
