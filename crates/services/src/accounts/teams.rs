//! Teams: what owns databases.

use model::{Error, Principal, Result, check_name, name_key};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::Accounts;
use super::insert_user::read_email;
use super::membership::{self, Takes, TeamRow, person};
use crate::metadata::fault;

/// How many teams one user may make.
const MOST_TEAMS: i64 = 1_000;
/// The plans that there are.
const PLANS: [&str; 3] = ["free", "pro", "enterprise"];

/// What there is to say of how a team pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Billing {
    /// Where bills go.
    pub email: Option<String>,
    /// `free`, `pro` or `enterprise`.
    pub plan: Option<String>,
    /// The number of its subscription.
    pub subscription: Option<i64>,
}

/// A team in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamSummary {
    /// Its name.
    pub name: String,
    /// How many databases it owns.
    pub databases: u32,
    /// How it pays, where anything is known of that.
    pub billing: Option<Billing>,
}

/// A team. Times are RFC 3339, UTC, with milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: String,
    /// How it pays, where anything is known of that.
    pub billing: Option<Billing>,
    /// What it owns, by what it is shown as.
    pub databases: Vec<TeamDatabase>,
}

/// A database of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamDatabase {
    /// Its id.
    pub id: String,
    /// What it is shown as.
    pub name: String,
    /// A free label, such as `production`.
    pub environment: Option<String>,
    /// Since when the team owns it.
    pub owned_at: Option<String>,
    /// `public` or `private`.
    pub visibility: String,
}

/// What is to change of a team; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct TeamChange {
    /// Its name.
    pub name: Option<String>,
    /// Where bills go.
    pub email: Option<String>,
    /// Its plan; only admins of the server change it.
    pub plan: Option<String>,
    /// The number of its subscription; only admins of the server change it.
    pub subscription: Option<i64>,
}

impl Accounts {
    /// Makes a team of which the caller is the Admin.
    ///
    /// # Errors
    /// `Invalid` for what cannot be a name, `Conflict` where it is taken, `Forbidden` for a token of a team.
    pub async fn create_team(&self, by: &Principal, name: &str) -> Result<Team> {
        check_name("team", name)?;
        let (user, name) = (person(by)?.to_owned(), name.to_owned());
        let made = self.0.metadata.change(move |transaction| {
            let count = "SELECT count(*) FROM members WHERE user_name = ?1 AND admin";
            let teams: i64 = transaction.query_row(count, [&user], |row| row.get(0)).map_err(fault)?;
            if teams >= MOST_TEAMS {
                return Err(Error::too_large(format!("user \"{user}\" is Admin of {teams} teams already")));
            }
            refuse_taken(transaction, &name, None)?;
            let team = "INSERT INTO teams (name, key) VALUES (?1, ?2)";
            transaction.execute(team, (&name, name_key(&name))).map_err(fault)?;
            let id = transaction.last_insert_rowid();
            let member = "INSERT INTO members (team_id, user_name, admin) VALUES (?1, ?2, 1)";
            transaction.execute(member, (id, &user)).map_err(|source| {
                // The operator of the command line is no user.
                if crate::metadata::is_taken(&source) { Error::not_found("user", &user) } else { fault(source) }
            })?;
            read_team(transaction, id)
        });
        made.await
    }

    /// A team, for its members.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn team(&self, by: &Principal, name: &str) -> Result<Team> {
        let (by, name) = (by.clone(), name.to_owned());
        let found = move |connection: &mut Connection| {
            let transaction = connection.transaction().map_err(fault)?;
            let team = membership::open(&transaction, &by, &name, Takes::Member)?;
            read_team(&transaction, team.id)
        };
        self.0.metadata.call(found).await
    }

    /// Changes name or billing of a team, for its Admins; its databases, members and tokens stay.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, `Conflict` where the name is taken, `Invalid`.
    pub async fn change_team(&self, by: &Principal, name: &str, change: TeamChange) -> Result<Team> {
        let (by, name) = (by.clone(), name.to_owned());
        let email = change.email.as_deref().map(read_email).transpose()?;
        if let Some(plan) = change.plan.as_deref().filter(|plan| !PLANS.contains(plan)) {
            return Err(Error::invalid(format!("{plan:?} is not a plan; use {}", PLANS.join(", "))));
        }
        let changed = self.0.metadata.change(move |transaction| {
            let team = membership::open(transaction, &by, &name, Takes::Admin)?;
            if (change.plan.is_some() || change.subscription.is_some()) && !by.is_server_admin() {
                return Err(Error::forbidden(
                    "only admins of the server change the plan or the subscription of a team",
                ));
            }
            if let Some(name) = &change.name {
                rename(transaction, &team, name)?;
            }
            const SQL: &str = "\
                UPDATE teams SET billing_email = coalesce(?2, billing_email), \
                billing_plan = coalesce(?3, billing_plan), \
                billing_subscription = coalesce(?4, billing_subscription) WHERE id = ?1";
            transaction.execute(SQL, (team.id, email, change.plan, change.subscription)).map_err(fault)?;
            read_team(transaction, team.id)
        });
        changed.await
    }

    /// Removes a team with its tokens, for its Admins.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, `Conflict` while it owns databases, and for the personal team of a user.
    pub async fn remove_team(&self, by: &Principal, name: &str) -> Result<()> {
        let (by, name) = (by.clone(), name.to_owned());
        let removed = self.0.metadata.change(move |transaction| {
            let team = membership::open(transaction, &by, &name, Takes::Admin)?;
            if let Some(user) = team.personal_of {
                return Err(Error::conflict(format!("\"{}\" is the personal team of user \"{user}\"", team.name)));
            }
            let count = "SELECT count(*) FROM databases WHERE owner_team = ?1";
            let owned: i64 = transaction.query_row(count, [team.id], |row| row.get(0)).map_err(fault)?;
            if owned > 0 {
                return Err(Error::conflict(format!(
                    "the team \"{}\" owns {owned} databases; remove them or give them to another team first",
                    team.name
                )));
            }
            transaction.execute("DELETE FROM teams WHERE id = ?1", [team.id]).map_err(fault)
        });
        removed.await.map(drop)
    }
}

fn rename(transaction: &Transaction<'_>, team: &TeamRow, name: &str) -> Result<()> {
    check_name("team", name)?;
    refuse_taken(transaction, name, Some(team.id))?;
    let sql = "UPDATE teams SET name = ?2, key = ?3 WHERE id = ?1";
    transaction.execute(sql, (team.id, name, name_key(name))).map_err(fault).map(drop)
}

/// Names of teams are compared without letter case.
fn refuse_taken(transaction: &Transaction<'_>, name: &str, own: Option<i64>) -> Result<()> {
    let sql = "SELECT 1 FROM teams WHERE key = ?1 AND id IS NOT ?2";
    let taken = transaction.query_row(sql, (name_key(name), own), |_| Ok(())).optional().map_err(fault)?;
    if taken.is_some() { Err(Error::exists("team", name)) } else { Ok(()) }
}

fn billing(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Billing>> {
    let billing = Billing { email: row.get(first)?, plan: row.get(first + 1)?, subscription: row.get(first + 2)? };
    let known = billing.email.is_some() || billing.plan.is_some() || billing.subscription.is_some();
    Ok(known.then_some(billing))
}

/// The teams of a user, by name.
pub(super) fn summaries(connection: &Connection, user: &str) -> Result<Vec<TeamSummary>> {
    const SQL: &str = "\
        SELECT t.name, (SELECT count(*) FROM databases d WHERE d.owner_team = t.id), \
        t.billing_email, t.billing_plan, t.billing_subscription \
        FROM members m JOIN teams t ON t.id = m.team_id WHERE m.user_name = ?1 ORDER BY t.key";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let teams = statement.query_map([user], |row| {
        Ok(TeamSummary { name: row.get(0)?, databases: row.get(1)?, billing: billing(row, 2)? })
    });
    teams.map_err(fault)?.map(|team| team.map_err(fault)).collect()
}

fn read_team(connection: &Connection, id: i64) -> Result<Team> {
    const DATABASES: &str = "\
        SELECT id, coalesce(label, name), environment, owned_at, visibility FROM databases \
        WHERE owner_team = ?1 ORDER BY 2, 1";
    let mut statement = connection.prepare_cached(DATABASES).map_err(fault)?;
    let databases = statement.query_map([id], |row| {
        let (id, name, environment) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(TeamDatabase { id, name, environment, owned_at: row.get(3)?, visibility: row.get(4)? })
    });
    let databases = databases.and_then(Iterator::collect).map_err(fault)?;
    let sql = "SELECT name, created_at, billing_email, billing_plan, billing_subscription FROM teams WHERE id = ?1";
    let team = connection.query_row(sql, [id], |row| {
        Ok(Team { name: row.get(0)?, created_at: row.get(1)?, billing: billing(row, 2)?, databases })
    });
    team.map_err(fault)
}
