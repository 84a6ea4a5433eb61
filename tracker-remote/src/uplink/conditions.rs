//! Whether a place keeps to conditions: on them hangs that nothing of anybody is replaced.

use bytes::Bytes;
use object_store::{Error as StoreError, PutMode, PutOptions, UpdateVersion, path::Path};
use tracker_core::RunId;

use crate::{Error, Result, names::STORE, objects::Objects};

impl Objects {
    /// Makes a place one, and tries whether it keeps to conditions. All writes give the object the contents that it has.
    pub(super) async fn try_place(&self) -> Result<()> {
        const MOST: u64 = 64 << 10;
        let name = Path::from(STORE);
        let new = serde_json::json!({ "format": 1, "store": RunId::generate().to_string() });
        let found = self.get(&name, MOST).await?;
        let bytes = if let Some((bytes, _)) = found {
            bytes
        } else {
            let bytes = Bytes::from(new.to_string());
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            match self.put(&name, bytes.clone(), options).await {
                Ok(_) => bytes,
                Err(StoreError::AlreadyExists { .. }) => {
                    let found = self.get(&name, MOST).await?;
                    found.map_or(bytes, |(bytes, _)| bytes)
                }
                Err(error) => return Err(self.away("write", error)),
            }
        };
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
