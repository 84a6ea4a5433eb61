//! What each item becomes: a file and what a line says of it, or a problem.

use parquet::errors::ParquetError;

use crate::{
    ColumnType, Error, Image, Media, MediaExtension, MediaFile, Problem, Step, Table,
    format::media_item::{MediaHash, MediaItem, StoredMedia},
    media::limits::MAX_FILE_BYTES,
    store::media::{files, home::MediaHome, png, problem, table_file},
};

/// Where items of one call go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) home: &'a dyn MediaHome,
    pub(crate) name: &'a str,
    pub(crate) step: Step,
}

impl Call<'_> {
    /// Stores an item.
    pub(super) fn keep(self, media: &Media) -> Result<MediaItem, Problem> {
        match media {
            Media::Image(image) => {
                let caption = image.caption_text().map(str::to_owned);
                let file = self.keep_image(image)?;
                Ok(MediaItem::Image { file, width: image.width(), height: image.height(), caption })
            }
            Media::File(file) => self.keep_file(file),
            Media::Table(table) => self.keep_table(table),
            Media::ConfusionMatrix(matrix) => {
                matrix.check().map_err(|error| self.not_kept(&error))?;
                Ok(MediaItem::ConfusionMatrix(matrix.clone()))
            }
            Media::PrCurve(curve) => Ok(MediaItem::PrCurve(curve.clone())),
            Media::RocCurve(curve) => Ok(MediaItem::RocCurve(curve.clone())),
            Media::Later(_) => Err(self.not_kept(&Error::Media {
                what: "item",
                reason: "it is to be made later, by what was made later".to_owned(),
                hint: "make it in `MediaSource::make`".to_owned(),
            })),
        }
    }

    fn not_kept(self, error: &Error) -> Problem {
        problem::not_kept(self.name, self.step, error)
    }

    fn store(self, extension: MediaExtension, bytes: &[u8]) -> Result<StoredMedia, Problem> {
        files::store(self.home, (self.name, self.step), extension, bytes)
    }

    fn keep_image(self, image: &Image) -> Result<StoredMedia, Problem> {
        let bytes = png::encode(image)
            .map_err(|error| self.not_kept(&unkept("picture", error.to_string())))?;
        self.check_length("picture", bytes.len())?;
        self.store(MediaExtension::PNG, &bytes)
    }

    fn keep_file(self, file: &MediaFile) -> Result<MediaItem, Problem> {
        let bytes = file.read().map_err(|error| self.not_kept(&error))?;
        let caption = file.caption_text().map(str::to_owned);
        Ok(MediaItem::File { file: self.store(file.extension(), &bytes)?, caption })
    }

    fn keep_table(self, table: &Table) -> Result<MediaItem, Problem> {
        let not_kept = |error: Error| self.not_kept(&error);
        table.check().map_err(not_kept)?;
        let width = table.columns().len();
        let types = (0..width).map(|column| table.column_type(column));
        let types: Vec<ColumnType> = types.collect::<Result<_, _>>().map_err(not_kept)?;
        let keep = |image: &Image| -> Result<MediaHash, Unmade> {
            Ok(self.keep_image(image).map_err(Unmade::Problem)?.sha256)
        };
        let bytes = table_file::encode(table, &types, keep).map_err(|unmade| match unmade {
            Unmade::Problem(problem) => problem,
            Unmade::Parquet(error) => self.not_kept(&unkept("table", error.to_string())),
        })?;
        self.check_length("table", bytes.len())?;
        let file = self.store(MediaExtension::PARQUET, &bytes)?;
        let (rows, columns) = (table.rows().len() as u64, width as u64);
        Ok(MediaItem::Table { file, rows, columns })
    }

    fn check_length(self, what: &'static str, bytes: usize) -> Result<(), Problem> {
        if bytes as u64 <= MAX_FILE_BYTES {
            return Ok(());
        }
        let reason = format!("its file has {bytes} bytes, and {MAX_FILE_BYTES} is the most");
        Err(self.not_kept(&unkept(what, reason)))
    }
}

/// Why a table's file was not made.
enum Unmade {
    /// A picture in it could not be stored.
    Problem(Problem),
    Parquet(ParquetError),
}

impl From<ParquetError> for Unmade {
    fn from(error: ParquetError) -> Self {
        Self::Parquet(error)
    }
}

fn unkept(what: &'static str, reason: String) -> Error {
    Error::Media { what, reason, hint: "log a smaller one, or parts of it".to_owned() }
}
