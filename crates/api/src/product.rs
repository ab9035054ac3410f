//! The products whose HTTP APIs Boathouse serves.

use std::fmt;
use std::str::FromStr;

use model::{Error, Result};

/// A product whose wire format is served, with a document of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// The Altertable lakehouse API.
    Altertable,
    /// The Airsequel API.
    Airsequel,
}

impl Product {
    /// Every product, in the order of the merged document.
    pub const ALL: &'static [Self] = &[Self::Altertable, Self::Airsequel];

    /// The word in paths, file names and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Altertable => "altertable",
            Self::Airsequel => "airsequel",
        }
    }

    /// The name as people write it; in the merged document it goes before the names of components and tags.
    pub fn title(self) -> &'static str {
        match self {
            Self::Altertable => "Altertable",
            Self::Airsequel => "Airsequel",
        }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Product {
    type Err = Error;

    /// # Errors
    /// `Invalid`, with the words that would do.
    fn from_str(word: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|product| product.as_str() == word).ok_or_else(|| {
            let words: Vec<&str> = Self::ALL.iter().map(|product| product.as_str()).collect();
            Error::invalid(format!("{word:?} is not a product; use {}", words.join(", ")))
        })
    }
}
