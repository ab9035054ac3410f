//! The root of the lakehouse on an object store, under a URL that the engine knows it by.

use std::sync::Arc;

use datafusion::execution::object_store::ObjectStoreUrl;
use model::{Error, Result};
use object_store::ObjectStore;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use url::Url;

use crate::LakehouseConfig;
use crate::local::LocalFiles;

/// The URL under which engine and log keep the root, whatever it is in truth: paths below it never leave it.
const ROOT_URL: &str = "boathouse://lakehouse/";

/// The object store of the lakehouse; all paths are relative to its root.
#[derive(Debug)]
pub struct Root {
    store: Arc<dyn ObjectStore>,
}

impl Root {
    /// Opens the store that the configuration names.
    pub fn open(config: &LakehouseConfig) -> Result<Self> {
        let url = &config.url;
        let store: Arc<dyn ObjectStore> = match url.scheme() {
            "file" => local(url)?,
            "memory" => Arc::new(object_store::memory::InMemory::new()),
            _ => remote(url, &config.options)?,
        };
        Ok(Self { store })
    }

    /// The store, rooted at the lakehouse.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// The store, rooted at a directory below the lakehouse.
    pub fn below(&self, path: &Path) -> Arc<dyn ObjectStore> {
        Arc::new(PrefixStore::new(self.store.clone(), path.clone()))
    }

    /// The URL under which the engine finds the store.
    pub fn engine_url() -> ObjectStoreUrl {
        ObjectStoreUrl::parse(ROOT_URL).expect("the root URL has a scheme, a host and no path")
    }

    /// The URL of a directory below the root. `path` holds plain characters alone, so that it needs no escaping.
    pub fn directory_url(path: &Path) -> Url {
        Url::parse(&format!("{ROOT_URL}{path}/")).expect("directories of the catalog are plain path segments")
    }
}

fn local(url: &Url) -> Result<Arc<dyn ObjectStore>> {
    let directory = url
        .to_file_path()
        .map_err(|()| Error::invalid(format!("the lakehouse URL {url} is not a directory of this machine")))?;
    std::fs::create_dir_all(&directory).map_err(|error| {
        Error::invalid(format!("cannot make the lakehouse directory {}: {error}", directory.display()))
    })?;
    let store = LocalFiles::new(&directory).map_err(|error| {
        Error::invalid(format!("cannot open the lakehouse directory {}: {error}", directory.display()))
    })?;
    Ok(Arc::new(store))
}

#[cfg(feature = "s3")]
fn remote(url: &Url, options: &[(String, String)]) -> Result<Arc<dyn ObjectStore>> {
    if url.scheme() != "s3" {
        return Err(unknown_scheme(url));
    }
    let options = options.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let (store, prefix) = object_store::parse_url_opts(url, options)
        .map_err(|error| Error::invalid(format!("cannot open the lakehouse URL {url}: {error}")))?;
    Ok(Arc::new(PrefixStore::new(store, prefix)))
}

#[cfg(not(feature = "s3"))]
fn remote(url: &Url, _options: &[(String, String)]) -> Result<Arc<dyn ObjectStore>> {
    Err(unknown_scheme(url))
}

fn unknown_scheme(url: &Url) -> Error {
    let known = if cfg!(feature = "s3") { "file and s3" } else { "file (this build has no s3 feature)" };
    Error::unsupported(format!("the lakehouse URL {url} has a scheme that this build does not know; it knows {known}"))
}
