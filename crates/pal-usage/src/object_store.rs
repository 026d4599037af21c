//! A home in S3, Azure Blob Storage, Google Cloud Storage, or a folder.
//!
//! Files go and come in parts, so that none is in memory whole and a slow line is no reason to give up.

use std::io;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{
    GetOptions, ObjectStore, ObjectStoreExt, ObjectStoreScheme, WriteMultipart, parse_url,
};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

use crate::Home;

/// Bytes of a part. S3 takes at least 5 MiB, and 10,000 parts.
const PART: u64 = 8 << 20;
/// Parts that are under way at a time.
const AT_ONCE: usize = 4;

/// Files below a prefix of an object store.
#[derive(Debug)]
pub struct ObjectHome {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    place: String,
}

impl ObjectHome {
    /// At a URL; credentials and whatever else the store needs are in the environment.
    ///
    /// # Errors
    /// There is no such store, or the environment does not say how to reach it.
    pub fn open(place: &str) -> Result<Self, String> {
        let text = |error: object_store::Error| crate::reason(error);
        let url = Url::parse(place).map_err(crate::reason)?;
        let (scheme, prefix) =
            ObjectStoreScheme::parse(&url).map_err(|error| text(error.into()))?;
        let store: Arc<dyn ObjectStore> = match scheme {
            ObjectStoreScheme::Local => Arc::new(LocalFileSystem::new().with_fsync(true)),
            ObjectStoreScheme::AmazonS3 => {
                Arc::new(AmazonS3Builder::from_env().with_url(place).build().map_err(text)?)
            }
            ObjectStoreScheme::MicrosoftAzure => {
                Arc::new(MicrosoftAzureBuilder::from_env().with_url(place).build().map_err(text)?)
            }
            ObjectStoreScheme::GoogleCloudStorage => Arc::new(
                GoogleCloudStorageBuilder::from_env().with_url(place).build().map_err(text)?,
            ),
            _ => Arc::from(parse_url(&url).map_err(text)?.0),
        };
        Ok(Self { store, prefix, place: place.to_owned() })
    }

    /// In a store that is there already; `place` is what messages call it.
    pub fn over(store: Arc<dyn ObjectStore>, prefix: &str, place: &str) -> Self {
        Self { store, prefix: Key::from(prefix), place: place.to_owned() }
    }

    fn key(&self, name: &str) -> Key {
        self.prefix.clone().join(name)
    }

    /// Everything in parts. What a broken upload leaves behind is taken away again.
    async fn put_parts(&self, key: &Key, file: &mut File) -> io::Result<()> {
        let upload = self.store.put_multipart(key).await?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART as usize);
        loop {
            let next = match upload.wait_for_capacity(AT_ONCE).await {
                Ok(()) => part(file).await,
                Err(error) => Err(error.into()),
            };
            match next {
                Ok(part) if part.is_empty() => break,
                Ok(part) => upload.put(part.into()),
                Err(error) => {
                    let _ = upload.abort().await;
                    return Err(error);
                }
            }
        }
        upload.finish().await?;
        Ok(())
    }
}

/// The next part of a file; empty at its end.
async fn part(file: &mut File) -> io::Result<Vec<u8>> {
    let mut part = Vec::new();
    file.take(PART).read_to_end(&mut part).await?;
    Ok(part)
}

#[async_trait]
impl Home for ObjectHome {
    fn place(&self) -> &str {
        &self.place
    }

    async fn put(&self, name: &str, from: &Path) -> io::Result<()> {
        let key = self.key(name);
        let mut file = File::open(from).await?;
        if file.metadata().await?.len() > PART {
            return self.put_parts(&key, &mut file).await;
        }
        self.store.put(&key, part(&mut file).await?.into()).await?;
        Ok(())
    }

    async fn get(&self, name: &str, to: &Path, bytes: u64) -> io::Result<()> {
        let key = self.key(name);
        let other = || io::Error::new(io::ErrorKind::InvalidData, "it has another size");
        if self.store.head(&key).await?.size != bytes {
            return Err(other());
        }
        let mut file = File::create(to).await?;
        let mut at = 0;
        while at < bytes {
            let end = bytes.min(at + PART);
            let range = GetOptions { range: Some((at..end).into()), ..GetOptions::default() };
            let part = self.store.get_opts(&key, range).await?.bytes().await?;
            if part.len() as u64 != end - at {
                return Err(other());
            }
            file.write_all(&part).await?;
            at = end;
        }
        file.flush().await
    }

    async fn remove(&self, name: &str) -> io::Result<()> {
        match self.store.delete(&self.key(name)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            done => Ok(done?),
        }
    }
}
