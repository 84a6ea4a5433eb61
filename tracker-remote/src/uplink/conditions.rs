//! Whether a place keeps to conditions: on them hangs that nothing of anybody is replaced.

use object_store::{Error as StoreError, PutMode, PutOptions, UpdateVersion, path::Path};

use crate::{Error, Result, format, names::STORE, objects::Objects};

impl Objects {
    /// Makes a place one, and tries whether it keeps to conditions. All writes give the object the contents that it has.
    pub(super) async fn try_place(&self) -> Result<()> {
        let name = Path::from(STORE);
        let found = self.get(&name, format::MOST).await?;
        let bytes = if let Some((bytes, _)) = found {
            bytes
        } else {
            let bytes = format::new();
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            match self.put(&name, bytes.clone(), options).await {
                Ok(_) => bytes,
                Err(StoreError::AlreadyExists { .. }) => {
                    let found = self.get(&name, format::MOST).await?;
                    found.map_or(bytes, |(bytes, _)| bytes)
                }
                Err(error) => return Err(self.away("write", error)),
            }
        };
        format::check(&self.place, &bytes)?;
        let other = UpdateVersion {
            e_tag: Some("\"00000000000000000000000000000000\"".into()),
            version: None,
        };
        for mode in [PutMode::Create, PutMode::Update(other)] {
            let options = PutOptions { mode, ..PutOptions::default() };
            match self.put(&name, bytes.clone(), options).await {
                Ok(_) => return Err(self.knows_no_conditions()),
                Err(
                    StoreError::AlreadyExists { .. }
                    | StoreError::Precondition { .. }
                    | StoreError::NotImplemented { .. }
                    | StoreError::NotSupported { .. },
                ) => {}
                Err(error) => return Err(self.away("write", error)),
            }
        }
        Ok(())
    }

    fn knows_no_conditions(&self) -> Error {
        Error::NoPlace {
            place: self.place.to_string(),
            reason: "it writes over objects though it is asked not to (If-None-Match, If-Match)"
                .into(),
            hint: "use a place that keeps to these conditions, as S3, MinIO and R2 do".into(),
        }
    }
}
