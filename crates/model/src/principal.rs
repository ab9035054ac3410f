//! Who is calling, and how far they may go.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::Error;

/// How far a caller may go: read < write < admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// See and query.
    Read,
    /// Change rows, tables and schemas.
    Write,
    /// Create and remove databases, manage users.
    Admin,
}

impl Access {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Access {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        match word {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            "admin" => Ok(Self::Admin),
            _ => Err(Error::invalid(format!("{word:?} is not an access; use read, write or admin"))),
        }
    }
}

/// Who is calling. Only authentication makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The name of the user.
    pub name: Arc<str>,
    /// What the user may do in every database.
    pub access: Access,
}
