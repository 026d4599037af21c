//! The home of charge files: an object store, of which the data folder's `charges` is then a cache.
//!
//! Without one, the folder is all there is. With one, nothing counts that is not there: an import puts
//! its files there before the commit that makes them count, and what the folder lacks is fetched from
//! there and compared with the registry before anybody reads it.

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use pal_store::StoreError;
use url::Url;

/// Where charge files are kept, each under a name that has one content for ever.
#[async_trait]
pub trait Home: Debug + Send + Sync {
    fn place(&self) -> &str;

    /// Keeps the file `from` under a name, whole or not at all.
    ///
    /// # Errors
    /// It cannot be kept.
    async fn put(&self, name: &str, from: &Path) -> io::Result<()>;

    /// Writes what is kept under a name into the file `to`, which is there and empty.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`]: it has not this number of bytes. Others: it cannot be had.
    async fn get(&self, name: &str, to: &Path, bytes: u64) -> io::Result<()>;

    /// Forgets a name; one that is not there is no error.
    ///
    /// # Errors
    /// It may still be there.
    async fn remove(&self, name: &str) -> io::Result<()>;
}

/// Why charge files cannot be kept in their home, or be had from there.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    #[error("{0}")]
    Setup(String),
    #[error(
        "the charge file {name} cannot be put into {place}: {why}. Nothing was imported; import \
         again when the object store takes files"
    )]
    Put { name: String, place: String, why: String },
    #[error(
        "the charge file {name} is not in the data folder and cannot be fetched from {place}: {why}"
    )]
    Get { name: String, place: String, why: String },
    #[error(
        "the charge file {name} in {place} is not the one that was put there: the object was changed \
         or damaged. Nothing is read from it; put the right one back, from an earlier version of the \
         object or from a backup"
    )]
    Differs { name: String, place: String },
    #[error(
        "the charge file {name} in the data folder was changed or damaged, so it was not put into \
         {place}, and nothing was imported; restore it from a backup"
    )]
    Damaged { name: String, place: String },
    #[error("the folder of charge files cannot be used: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The file of the folder that says where the home is, once something was put there.
pub(super) const MARK: &str = "home";

/// The home of a data folder's charge files; `store` is `usage.store`, empty = the folder itself.
///
/// # Errors
/// The URL, this program or the environment does not allow it; or files of this folder are kept
/// elsewhere.
pub fn home(data: &Path, store: &str) -> Result<Option<Arc<dyn Home>>, HomeError> {
    let store = store.trim_end_matches('/');
    let mark = data.join("charges").join(MARK);
    match std::fs::read_to_string(&mark) {
        Ok(known) if known != store => {
            let said = if store.is_empty() { "empty".to_owned() } else { format!("'{store}'") };
            return Err(HomeError::Setup(format!(
                "charge files of this data folder are kept in '{known}', as {} says, and usage.store \
                 is {said}: set it as the service has it (openpal.toml in the data folder, or \
                 OPENPAL_USAGE__STORE). If they were moved, remove that file",
                mark.display()
            )));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    if store.is_empty() {
        return Ok(None);
    }
    check(store).map_err(HomeError::Setup)?;
    open(store).map(Some)
}

#[cfg(feature = "object-store")]
fn open(store: &str) -> Result<Arc<dyn Home>, HomeError> {
    let opened = super::ObjectHome::open(store);
    Ok(Arc::new(
        opened.map_err(|why| HomeError::Setup(format!("usage.store is '{store}': {why}")))?,
    ))
}

#[cfg(not(feature = "object-store"))]
fn open(store: &str) -> Result<Arc<dyn Home>, HomeError> {
    Err(HomeError::Setup(not_built(store)))
}

fn not_built(shown: &str) -> String {
    format!(
        "usage.store is '{shown}', and this program was built without object stores: build it with \
         'cargo build --release --features object-store', or leave usage.store empty"
    )
}

/// Schemes of URLs, and whether what is before the `@` names a container.
const SCHEMES: [(&str, bool); 5] =
    [("s3", false), ("az", true), ("abfss", true), ("gs", false), ("file", false)];

/// Whether `usage.store` can be one, as far as its text and this program say.
///
/// # Errors
/// What is wrong with it.
pub fn check(store: &str) -> Result<(), String> {
    if store.is_empty() {
        return Ok(());
    }
    // Whoever puts a secret here must not find it in a log.
    let shown = store.split(['?', '#']).next().unwrap_or_default();
    let shown = match shown.split_once("://").map(|(_, rest)| rest.rsplit_once('@')) {
        Some(Some((user, host))) if user.contains(':') => format!("…@{host}"),
        _ => shown.to_owned(),
    };
    if !cfg!(feature = "object-store") {
        return Err(not_built(&shown));
    }
    let wrong = |why: &str| Err(format!("usage.store is '{shown}': {why}"));
    let Ok(url) = Url::parse(store) else {
        return wrong("that is no URL; write s3://BUCKET/PREFIX, or the like");
    };
    let Some((scheme, container)) = SCHEMES.iter().find(|(scheme, _)| *scheme == url.scheme())
    else {
        return wrong("it must begin with s3://, az://, abfss://, gs:// or file:///");
    };
    let user = !url.username().is_empty() && !container;
    if user || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return wrong(
            "it must have no user name, password or query; credentials come from the environment \
             (AWS_…, AZURE_…, GOOGLE_…)",
        );
    }
    if *scheme == "file" {
        return match url.to_file_path() {
            Ok(folder) if folder.is_dir() => Ok(()),
            _ => wrong("there is no such folder on this machine; make it, or mount it"),
        };
    }
    if url.host_str().is_none_or(str::is_empty) {
        return wrong("it names no bucket");
    }
    Ok(())
}
