//! What is no scalar, as a run has it.

use tracker_core::{Event as Told, Histogram, Media, MediaExtension, MediaFile};

use crate::{
    Result,
    tensorboard::{
        event::FACTS,
        histograms::Found,
        pictures,
        telling::{At, Telling},
        tensor::Tensor,
    },
    words,
};

/// How many things one event of media has at most.
const MOST_ITEMS: usize = 64;

/// What the writers of tensorboardX and torch add to the name of a text.
const TEXT_SUFFIX: &str = "/text_summary";

impl Telling<'_> {
    pub(super) fn histogram(&mut self, at: At<'_>, found: Option<Found>) -> Result<()> {
        let histogram: Histogram = match found {
            Some(Found::Same(histogram)) => {
                self.account.keep("histograms", 1);
                histogram
            }
            Some(Found::Spread(histogram)) => {
                self.account.keep("histograms, their bins made equally wide", 1);
                histogram
            }
            None => {
                let why = "their bins are not in order, or too many";
                self.account.leave_out("histograms", why, 1);
                return Ok(());
            }
        };
        let At { step, time, .. } = at;
        self.sink.event(time, Told::Histogram { name: at.name.to_owned(), step, histogram })
    }

    pub(super) fn text(&mut self, at: At<'_>, tensor: &Tensor<'_>) -> Result<()> {
        if at.name == FACTS {
            return Ok(());
        }
        let texts: Vec<_> = tensor.texts().map(String::from_utf8_lossy).collect();
        if texts.is_empty() {
            self.account.leave_out("texts", "they are empty", 1);
            return Ok(());
        }
        let name = at.name.strip_suffix(TEXT_SUFFIX).unwrap_or(at.name);
        if self.is_remembered(at.name) {
            self.account.rename(at.name, name);
        }
        self.account.keep("texts", 1);
        let (name, text) = (name.to_owned(), texts.join("\n"));
        self.sink.event(at.time, Told::Text { name, step: at.step, text })
    }

    pub(super) fn pictures<'b>(
        &mut self,
        at: At<'_>,
        all: impl Iterator<Item = &'b [u8]>,
    ) -> Result<()> {
        let all = all.map(|bytes| (bytes, pictures::picture(bytes), ""));
        self.media(at, words::PICTURES, all)
    }

    pub(super) fn sounds<'b>(
        &mut self,
        at: At<'_>,
        all: impl Iterator<Item = (&'b [u8], &'b str)>,
    ) -> Result<()> {
        let all = all.map(|(bytes, label)| (bytes, pictures::sound(bytes), label));
        self.media(at, words::SOUNDS, all)
    }

    fn media<'b>(
        &mut self,
        at: At<'_>,
        what: &'static str,
        all: impl Iterator<Item = (&'b [u8], Option<MediaExtension>, &'b str)>,
    ) -> Result<()> {
        let mut items = Vec::new();
        let (mut unknown, mut too_many) = (0, 0);
        for (bytes, extension, label) in all {
            let file = extension.and_then(|known| MediaFile::of_bytes(known, bytes.to_vec()).ok());
            match file {
                None => unknown += 1,
                Some(_) if items.len() == MOST_ITEMS => too_many += 1,
                Some(file) if label.is_empty() => items.push(Media::File(file)),
                Some(file) => items.push(Media::File(file.caption(label))),
            }
        }
        self.account.leave_out(what, "they are of a kind that is not known, or too large", unknown);
        self.account.leave_out(what, "one step of a name has 64 at most", too_many);
        if items.is_empty() {
            return Ok(());
        }
        self.account.keep(what, items.len() as u64);
        self.sink.event(at.time, Told::Media { name: at.name.to_owned(), step: at.step, items })
    }
}

/// The sounds of a tensor, each with what it is.
pub(super) fn sounds_of<'a>(tensor: &Tensor<'a>) -> impl Iterator<Item = (&'a [u8], &'a str)> {
    let has_labels = matches!(tensor.shape(), [_, 2]);
    let mut texts = tensor.texts();
    std::iter::from_fn(move || {
        let sound = texts.next()?;
        let label = if has_labels { texts.next().unwrap_or_default() } else { &[] };
        Some((sound, std::str::from_utf8(label).unwrap_or_default()))
    })
}
