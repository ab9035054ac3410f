//! New SQLite databases with something in them.
//!
//! First the metadata notes that whatever stands under the new id is to be removed; then the storage makes the database
//! and it is filled; at last one transaction lists it and takes the note away. So a failure leaves nothing, a caller who
//! goes away neither, and a crash only what the next start removes.

use std::future::Future;
use std::sync::Arc;

use model::{Caller, Database, DatabaseId, DatabaseName, Error, Principal, Result, StorageKind};
use rusqlite::Connection;
use tokio::runtime::Handle;
use tracing::{info, warn};

use super::copies::copy_notes;
use super::record::Visibility;
use super::{DatabaseRecord, Databases, ids, owners, records};
use crate::metadata::{fault, is_taken};

/// How long a database stays that nobody owns.
pub(super) const ANONYMOUS_DAYS: u32 = 10;
/// How many databases without an owner a server holds at a time.
const MOST_ANONYMOUS: i64 = 1_000;
/// The longest environment, in characters.
pub(super) const ENVIRONMENT_CHARS: usize = 100;

/// What a new database is to be.
#[derive(Clone, Debug, Default)]
pub struct NewDatabase {
    /// What it is shown as. Its name in SQL as well, where no other database has it; else that is its id.
    pub name: String,
    /// The team that is to own it; the caller's own where there is none.
    pub team: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// A free label, such as `production`.
    pub environment: Option<String>,
    /// The name of the file that it is made from.
    pub file_name: Option<String>,
    /// The format of that file: `sqlite` or `csv`.
    pub file_format: Option<String>,
}

impl Databases {
    /// Makes an empty SQLite database, fills it with `script` where there is one, and lists it. It belongs to the team that
    /// `new` names, else to the caller's own; where nobody is signed in and the server allows that, to nobody, and is
    /// public and removed after ten days.
    ///
    /// # Errors
    /// `Unauthenticated` and `Forbidden` for who may not, `Invalid` for a name, and for a script that fails; `Unavailable`
    /// where too many databases without an owner are there. Nothing is left then.
    pub async fn create_sqlite(
        &self,
        principal: &Principal,
        new: NewDatabase,
        script: Option<String>,
    ) -> Result<DatabaseRecord> {
        self.create_filled(principal, new, None, move |database| async move {
            let Some(script) = script.filter(|script| !script.trim().is_empty()) else { return Ok(()) };
            let file = database.as_file().ok_or_else(no_file)?;
            file.run_script(&script).await?;
            super::describe::check_supported(database.as_ref()).await
        })
        .await
    }

    /// The same where `fill` puts something into it. What is known of what stands in the database `like` is known of the
    /// new one's as well.
    ///
    /// # Errors
    /// As above, and those of `fill`.
    pub(crate) async fn create_filled<F, W>(
        &self,
        principal: &Principal,
        new: NewDatabase,
        like: Option<DatabaseId>,
        fill: F,
    ) -> Result<DatabaseRecord>
    where
        F: FnOnce(Arc<dyn Database>) -> W,
        W: Future<Output = Result<()>>,
    {
        let storage = Arc::clone(self.storage(StorageKind::Sqlite)?);
        let owner = self.may_create(principal, &new).await?;
        let id = ids::database_id()?;
        let noted = id.clone();
        self.0.metadata.call(move |connection| records::note_removal(connection, &noted, StorageKind::Sqlite)).await?;
        let mut building = Building { databases: self, id: id.clone(), over: false };
        let built = async {
            storage.create(&id).await?;
            fill(storage.open(&id).await?).await?;
            let wanted = id.clone();
            self.0.metadata.call(move |connection| list(connection, &wanted, owner, new, like)).await
        };
        let built = built.await;
        building.over = true;
        if built.is_err() {
            self.clean_up(&id).await;
        }
        let listed = built?;
        info!(database = %listed.info.name, %id, owner = listed.owner.as_ref().map(|owner| owner.team), "database created");
        Ok(listed)
    }

    /// Removes what there is of a database that was not listed.
    async fn clean_up(&self, id: &DatabaseId) {
        if let Err(error) = self.remove_files(id, StorageKind::Sqlite).await {
            warn!(%id, %error, "could not remove what was made of a database; the next start tries again");
        }
    }

    /// The team that is to own a new database; `None` for nobody.
    async fn may_create(&self, principal: &Principal, new: &NewDatabase) -> Result<Option<i64>> {
        model::check_name("database", &new.name)?;
        check_environment(new.environment.as_deref())?;
        if principal.caller == Caller::Anonymous && !self.0.rules.anonymous {
            return Err(Error::unauthenticated("sign in to create a database; this server keeps none for nobody"));
        }
        let (principal, team) = (principal.clone(), new.team.clone());
        let owned = move |connection: &mut Connection| {
            let owner = owners::of_new(connection, &principal, team.as_deref())?;
            if owner.is_none() && count_anonymous(connection)? >= MOST_ANONYMOUS {
                return Err(Error::unavailable(
                    "this server holds as many databases without an owner as it may; sign in, or try again later",
                ));
            }
            Ok(owner)
        };
        self.0.metadata.call(owned).await
    }
}

/// Refuses an environment that no list could show.
pub(super) fn check_environment(environment: Option<&str>) -> Result<()> {
    match environment {
        Some(text) if text.chars().count() > ENVIRONMENT_CHARS || text.chars().any(char::is_control) => Err(
            Error::invalid(format!("`environment` is a label of at most {ENVIRONMENT_CHARS} characters in one line")),
        ),
        _ => Ok(()),
    }
}

/// Said of a database that has no file, where one is needed.
pub(crate) fn no_file() -> Error {
    Error::unsupported("only SQLite databases are one file; this one keeps its tables otherwise")
}

/// A database that is being made. Where it drops before that is over, whoever wanted it has gone away.
struct Building<'a> {
    databases: &'a Databases,
    id: DatabaseId,
    over: bool,
}

impl Drop for Building<'_> {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let (databases, id) = (self.databases.clone(), self.id.clone());
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { databases.clean_up(&id).await });
        }
    }
}

fn count_anonymous(connection: &Connection) -> Result<i64> {
    const SQL: &str = "SELECT count(*) FROM databases WHERE owner_team IS NULL AND expires_at IS NOT NULL";
    connection.query_row(SQL, [], |row| row.get(0)).map_err(fault)
}

/// Lists a database that is complete.
fn list(
    connection: &mut Connection,
    id: &DatabaseId,
    owner: Option<i64>,
    new: NewDatabase,
    like: Option<DatabaseId>,
) -> Result<DatabaseRecord> {
    const SQL: &str = "\
        INSERT INTO databases (id, name, key, kind, readonly_id, label, description, environment, visibility, file_name, \
        file_format, owner_team, owned_at, expires_at) \
        VALUES (?1, ?2, ?3, 'sqlite', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, \
        iif(?11 IS NULL, NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), \
        iif(?11 IS NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?12), NULL))";
    let transaction = connection.transaction().map_err(fault)?;
    transaction.execute("DELETE FROM removals WHERE id = ?1", [id.as_str()]).map_err(fault)?;
    let visibility = if owner.is_none() { Visibility::Public } else { Visibility::Private };
    let names = [DatabaseName::new(new.name.clone())?, DatabaseName::new(id.as_str())?];
    for name in names {
        let values = rusqlite::params![
            id.as_str(),
            name.as_str(),
            name.key(),
            ids::readonly_id(),
            new.name,
            new.description,
            new.environment,
            visibility.as_str(),
            new.file_name,
            new.file_format,
            owner,
            format!("+{ANONYMOUS_DAYS} days"),
        ];
        match transaction.execute(SQL, values) {
            Ok(_) => {
                if let Some(like) = &like {
                    copy_notes(&transaction, like.as_str(), id.as_str())?;
                }
                let listed = records::by_id(&transaction, id.as_str())?;
                transaction.commit().map_err(fault)?;
                return listed.ok_or_else(|| Error::internal("a database that was listed is not there"));
            }
            // The name is another database's; ids are nobody's.
            Err(taken) if is_taken(&taken) && name.as_str() != id.as_str() => {}
            Err(other) => return Err(fault(other)),
        }
    }
    Err(Error::conflict("the database could not be listed under its name or its id; try again"))
}
