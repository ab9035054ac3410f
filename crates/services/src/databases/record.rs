//! What the server knows of a database.

use model::{DatabaseId, DatabaseInfo, Error, Result};

/// Who can find a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Those who were granted something in it.
    Private,
    /// Everybody who knows its id; it is in nobody's list for that.
    Public,
}

impl Visibility {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}

impl std::str::FromStr for Visibility {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "private" => Ok(Self::Private),
            "public" => Ok(Self::Public),
            _ => Err(Error::invalid(format!("{word:?} is not a visibility; use public or private"))),
        }
    }
}

/// The team that a database belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its number.
    pub team: i64,
    /// Its name.
    pub name: String,
    /// Since when: RFC 3339, UTC, with milliseconds.
    pub since: String,
}

/// What the server knows of a database without opening it. Times are RFC 3339, UTC, with milliseconds.
#[derive(Clone, Debug)]
pub struct DatabaseRecord {
    /// Id, name and kind of storage.
    pub info: DatabaseInfo,
    /// What its storage calls it: the id that it was made with. It stays when the database gets another id, so that no
    /// file has to move.
    pub stored_as: DatabaseId,
    /// When it was made.
    pub created_at: String,
    /// The team that it belongs to. Without one it is the server's own where it is private, everybody's where public.
    pub owner: Option<Owner>,
    /// Who can find it.
    pub visibility: Visibility,
    /// Whoever knows this id may read the database.
    pub readonly_id: Option<String>,
    /// What it is shown as, where that is not its name.
    pub label: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// A free label, such as `production`.
    pub environment: Option<String>,
    /// Whether what is written is noted in the audit.
    pub auditing: bool,
    /// Whether definitions of tables may not be changed.
    pub schema_locked: bool,
    /// Whether views are shown apart from tables.
    pub views_tab: bool,
    /// The name of the file that it was made from.
    pub file_name: Option<String>,
    /// The format of that file: `sqlite` or `csv`.
    pub file_format: Option<String>,
    /// When it is removed, for one that nobody owns.
    pub expires_at: Option<String>,
}

impl DatabaseRecord {
    /// A private database of the server's own.
    pub fn new(info: DatabaseInfo) -> Self {
        Self {
            stored_as: info.id.clone(),
            info,
            created_at: String::new(),
            owner: None,
            visibility: Visibility::Private,
            readonly_id: None,
            label: None,
            description: None,
            environment: None,
            auditing: false,
            schema_locked: false,
            views_tab: false,
            file_name: None,
            file_format: None,
            expires_at: None,
        }
    }

    /// What it is shown as.
    pub fn title(&self) -> &str {
        self.label.as_deref().unwrap_or(self.info.name.as_str())
    }
}
