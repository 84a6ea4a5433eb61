//! What one looks at after a training: which digits are taken for which, and the worst mistakes.

use candle_hooks::{
    Hooks,
    candle_core::{D, Module},
    candle_nn::ops::softmax,
    tracker_core::{ConfusionMatrix, Image, Table},
};

use crate::data::Split;

/// How many mistakes are shown, those of which the model is surest.
const WORST: usize = 32;

const BATCH: usize = 500;

/// A digit that the model takes for another one.
struct Mistake {
    index: u32,
    truth: u32,
    guess: u32,
    sure: f32,
    pixels: Vec<u8>,
}

/// Logs what the model makes of all images of `valid`.
pub(crate) fn look(hooks: &Hooks, model: &dyn Module, valid: &Split) -> anyhow::Result<()> {
    let mut confusion = ConfusionMatrix::new((0..10).map(|digit| digit.to_string()));
    let mut mistakes = Vec::new();
    for indices in valid.indices().chunks(BATCH) {
        let (images, labels) = valid.batch(indices)?;
        let shares = softmax(&model.forward(&images)?, D::Minus1)?;
        let guesses: Vec<u32> = shares.argmax(D::Minus1)?.to_vec1()?;
        let sure: Vec<f32> = shares.max(D::Minus1)?.to_vec1()?;
        for (at, truth) in labels.to_vec1::<u32>()?.into_iter().enumerate() {
            let guess = guesses[at];
            confusion = confusion.add(truth as usize, guess as usize);
            if guess != truth {
                let pixels = (images.get(at)?.flatten_all()? * 255.0)?.to_vec1::<f32>()?;
                #[expect(clippy::cast_sign_loss, reason = "pixels are from 0 to 255")]
                let pixels = pixels.into_iter().map(|pixel| pixel.round() as u8).collect();
                mistakes.push(Mistake { index: indices[at], truth, guess, sure: sure[at], pixels });
            }
        }
    }
    hooks.log_media("confusion", confusion); // +
    mistakes.sort_by(|one, other| other.sure.total_cmp(&one.sure));
    let mut table = Table::new(["index", "image", "truth", "guess", "sure"]).key("index");
    for Mistake { index, truth, guess, sure, pixels } in mistakes.into_iter().take(WORST) {
        let image = Image::gray8(28, 28, pixels)?.caption(format!("{truth} → {guess}"));
        table = table.row([index.into(), image.into(), truth.into(), guess.into(), sure.into()]);
    }
    hooks.log_media("mistakes", table); // +
    Ok(())
}
