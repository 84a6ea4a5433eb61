//! Where runs go to and come from: a bucket, or a folder.

use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, RetryConfig,
    aws::{AmazonS3Builder, S3ConditionalPut},
    local::LocalFileSystem,
    memory::InMemory,
    multipart::MultipartStore,
    path::Path as Name,
    prefix::PrefixStore,
};

use crate::{Error, Result};

/// A place for runs, such as `s3://bucket/prefix`. Cheap to clone.
///
/// All of it goes through [`ObjectStore`]; there is no other way to a place.
#[derive(Clone)]
pub struct Place {
    text: Arc<str>,
    identity: Arc<str>,
    objects: Arc<dyn ObjectStore>,
    parts: Option<Arc<dyn MultipartStore>>,
    is_folder: bool,
}

impl Place {
    /// The place that a person or `TRACKER_SYNC` names: `s3://bucket/prefix`, or a folder's path.
    ///
    /// Credentials, region and endpoint of S3 come from the environment, under the names that AWS gave them:
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_ENDPOINT_URL`. An
    /// endpoint on this machine may speak plain HTTP. Nothing is asked yet.
    ///
    /// # Errors
    /// If it is no place, or a folder that is not there.
    pub fn parse(text: &str) -> Result<Self> {
        Self::of_text(text, false)
    }

    /// As [`parse`](Self::parse), for those who send: a folder that is not there is made.
    ///
    /// # Errors
    /// If it is no place, or a folder that cannot be made.
    pub fn parse_or_make(text: &str) -> Result<Self> {
        Self::of_text(text, true)
    }

    fn of_text(text: &str, makes: bool) -> Result<Self> {
        let no_place = |reason: String, hint: &str| Error::NoPlace {
            place: text.to_owned(),
            reason,
            hint: hint.to_owned(),
        };
        if text.trim().is_empty() {
            return Err(no_place(
                "it is empty".into(),
                "name a bucket or a folder, as in s3://bucket/runs",
            ));
        }
        match text.split_once("://") {
            Some(("s3", rest)) if rest.is_empty() || rest.starts_with('/') => {
                Err(no_place("it names no bucket".into(), "write it as s3://bucket/prefix"))
            }
            Some(("s3", rest)) => Self::s3(text, rest)
                .map_err(|error| no_place(error.to_string(), "write it as s3://bucket/prefix")),
            None if text.starts_with('~') => Err(no_place(
                "a shell writes out `~`, and here is none".into(),
                "write the folder's whole path",
            )),
            None if ["s3:", "S3:", "gs:", "az:"].iter().any(|scheme| text.starts_with(scheme)) => {
                Err(no_place("a bucket has two slashes".into(), "write it as s3://bucket/prefix"))
            }
            Some((scheme, _)) => Err(no_place(
                format!("`{scheme}` is not known here"),
                "s3://bucket/prefix or a folder's path can be used",
            )),
            None => Self::folder(text, makes).map_err(|error| {
                let hint = if makes {
                    "name a folder that you may write to"
                } else {
                    "name a bucket, as in s3://bucket/runs, or a folder to which runs were sent"
                };
                no_place(error.to_string(), hint)
            }),
        }
    }

    /// A place in this process's memory, for tests.
    pub fn memory() -> Self {
        let store = Arc::new(InMemory::new());
        let objects: Arc<dyn ObjectStore> = Arc::clone(&store) as _;
        Self::of("memory", objects).with_parts(store)
    }

    /// A place of any store; `text` is what people are told.
    pub fn of(text: &str, objects: Arc<dyn ObjectStore>) -> Self {
        Self { text: text.into(), identity: text.into(), objects, parts: None, is_folder: false }
    }

    /// The same place, whose uploads of long objects can go on after their process was killed.
    #[must_use]
    pub fn with_parts(self, parts: Arc<dyn MultipartStore>) -> Self {
        Self { parts: Some(parts), ..self }
    }

    /// Where uploads go on, if the place lets them.
    pub(crate) fn parts(&self) -> Option<&Arc<dyn MultipartStore>> {
        self.parts.as_ref()
    }

    /// Whether it is a folder, which no network and no keys lie before.
    pub(crate) fn is_folder(&self) -> bool {
        self.is_folder
    }

    /// What kept a reader from the place. What says itself what is wrong is told as it is.
    pub(crate) fn not_read(&self, action: &'static str, source: io::Error) -> Error {
        let source = match source.downcast::<Error>() {
            Ok(error) => return error,
            Err(source) => source,
        };
        let path = PathBuf::from(self.to_string());
        let hint = if self.is_folder() {
            "let this user read and write there, then type the same again: it goes on where it was"
        } else {
            "check the network, the place's name and the credentials, then type the same again: it goes on where it was"
        };
        Error::Io { action, path, hint, source }
    }

    /// What tells the place from all others that this machine knows by the same name: folders of one name in several
    /// working directories, buckets of one name at several endpoints.
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }

    fn s3(text: &str, rest: &str) -> object_store::Result<Self> {
        // Several may set it, each to the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let endpoint = std::env::var("AWS_ENDPOINT_URL").unwrap_or_default();
        let store = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_retry(retry())
            .with_client_options(client(endpoint.starts_with("http://")))
            .build()?;
        let store = Arc::new(PrefixStore::new(store, Name::parse(prefix.trim_matches('/'))?));
        let objects: Arc<dyn ObjectStore> = Arc::clone(&store) as _;
        let identity = format!("{endpoint} {text}").into();
        Ok(Self { identity, ..Self::of(text, objects).with_parts(store) })
    }

    fn folder(text: &str, makes: bool) -> io::Result<Self> {
        let path = std::path::absolute(text)?;
        if makes {
            #[expect(clippy::disallowed_methods, reason = "a folder that a person named")]
            std::fs::create_dir_all(&path)?;
        }
        #[expect(clippy::disallowed_methods, reason = "a folder that a person named")]
        if !path.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "there is no such folder"));
        }
        let objects = LocalFileSystem::new_with_prefix(&path).map_err(io::Error::other)?;
        let identity = path.to_string_lossy().into();
        Ok(Self { identity, is_folder: true, ..Self::of(text, Arc::new(objects)) })
    }

    /// The objects of the place.
    pub fn objects(&self) -> &Arc<dyn ObjectStore> {
        &self.objects
    }
}

/// A few tries at once for what passes in moments; whoever sends or reads tries again later.
fn retry() -> RetryConfig {
    let backoff = BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() };
    RetryConfig { backoff, max_retries: 3, retry_timeout: Duration::from_secs(15) }
}

/// A slow link takes minutes for a large object, but a machine that is there answers soon.
fn client(allows_http: bool) -> ClientOptions {
    ClientOptions::new()
        .with_allow_http(allows_http)
        .with_connect_timeout(Duration::from_secs(10))
        .with_timeout(Duration::from_mins(20))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.text).finish()
    }
}
