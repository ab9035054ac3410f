//! Who is calling, and how far they may go.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};
use std::str::FromStr;
use std::sync::Arc;

use crate::{DatabaseId, Error};

/// What a caller wants of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// See and query.
    Read,
    /// Add rows, and see none.
    Insert,
    /// Change rows and, where a product does not ask for more, tables and schemas.
    Write,
    /// Create and remove databases, change what there is to say of them, manage users.
    Admin,
}

impl Access {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Insert => "insert",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::Read => 1,
            Self::Insert => 2,
            Self::Write => 4,
            Self::Admin => 8,
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
            "insert" => Ok(Self::Insert),
            "write" => Ok(Self::Write),
            "admin" => Ok(Self::Admin),
            _ => Err(Error::invalid(format!("{word:?} is not an access; use read, insert, write or admin"))),
        }
    }
}

/// A set of accesses. Most callers have one of [`Rights::up_to`]; a token may write and not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rights(u8);

impl Rights {
    /// No access at all.
    pub const NONE: Self = Self(0);
    /// Every access.
    pub const ALL: Self = Self(15);

    /// This access and nothing else, but that who may change rows may add them.
    pub fn only(access: Access) -> Self {
        match access {
            Access::Write => Self(Access::Write.bit() | Access::Insert.bit()),
            other => Self(other.bit()),
        }
    }

    /// What people mean by an access: read < insert < write < admin, each with those before it.
    pub fn up_to(access: Access) -> Self {
        match access {
            Access::Read => Self(1),
            Access::Insert => Self(3),
            Access::Write => Self(7),
            Access::Admin => Self::ALL,
        }
    }

    /// Whether `access` is among them.
    pub fn allow(self, access: Access) -> bool {
        self.0 & access.bit() != 0
    }

    /// Whether there is none.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

impl BitOr for Rights {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Rights {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

/// `read and insert`, for messages.
impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [Access::Read, Access::Insert, Access::Write, Access::Admin];
        let words: Vec<&str> = all.into_iter().filter(|access| self.allow(*access)).map(Access::as_str).collect();
        match words.as_slice() {
            [] => f.write_str("no"),
            [one] => f.write_str(one),
            [most @ .., last] => write!(f, "{} and {last}", most.join(", ")),
        }
    }
}

/// What kind of caller it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// Somebody with a name and a password, or the session that they opened.
    User,
    /// An API token, by its number.
    Token(i64),
    /// Whoever knows the read-only id of a database.
    Link,
    /// Nobody: a request without a credential.
    Anonymous,
}

/// What a grant is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// Every database that the team of this number owns.
    Team(i64),
    /// One database.
    Database(DatabaseId),
}

/// Rights in a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What it is for.
    pub resource: Resource,
    /// What may be done there.
    pub rights: Rights,
}

/// Who is calling. Only authentication makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The name of the user, `token 7`, `link`, or `anonymous`: what logs and the audit show.
    pub name: Arc<str>,
    /// What kind of caller it is.
    pub caller: Caller,
    /// What it may do in databases that no team owns. With admin among them it is an admin of the server, who may do
    /// everything in every database.
    pub rights: Rights,
    /// What it may do elsewhere.
    pub grants: Arc<[Grant]>,
}

impl Principal {
    /// A user with rights in the server's own databases and grants elsewhere.
    pub fn user(name: impl Into<Arc<str>>, rights: Rights, grants: Vec<Grant>) -> Self {
        Self { name: name.into(), caller: Caller::User, rights, grants: grants.into() }
    }

    /// An API token with these grants.
    pub fn token(id: i64, grants: Vec<Grant>) -> Self {
        Self {
            name: format!("token {id}").into(),
            caller: Caller::Token(id),
            rights: Rights::NONE,
            grants: grants.into(),
        }
    }

    /// Whoever knows the read-only id of a database: may read that one.
    pub fn link(database: DatabaseId) -> Self {
        let grant = Grant { resource: Resource::Database(database), rights: Rights::only(Access::Read) };
        Self { name: "link".into(), caller: Caller::Link, rights: Rights::NONE, grants: Arc::new([grant]) }
    }

    /// Nobody.
    pub fn anonymous() -> Self {
        Self { name: "anonymous".into(), caller: Caller::Anonymous, rights: Rights::NONE, grants: Arc::new([]) }
    }

    /// Whether it may do everything on this server.
    pub fn is_server_admin(&self) -> bool {
        self.rights.allow(Access::Admin)
    }

    /// What it was granted in one resource.
    pub fn granted(&self, resource: &Resource) -> Rights {
        let grants = self.grants.iter().filter(|grant| grant.resource == *resource);
        grants.fold(Rights::NONE, |rights, grant| rights | grant.rights)
    }
}
