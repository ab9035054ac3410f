//! Members of teams and their roles.

use std::str::FromStr;

use model::{Error, Principal, Result};
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::Accounts;
use super::membership::{self, Takes, TeamRow, person};
use crate::metadata::fault;

/// What somebody is in a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Does everything with the team's databases, members and tokens.
    Admin,
    /// Changes what is in its databases, definitions included.
    Editor,
    /// Reads them.
    Viewer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Editor, Self::Viewer];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Editor => "Editor",
            Self::Viewer => "Viewer",
        }
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == word)
            .ok_or_else(|| Error::invalid(format!("{word:?} is not a role; use Admin, Editor or Viewer")))
    }
}

/// A member of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name of the user.
    pub user: String,
    /// Its e-mail address, where it has one.
    pub email: Option<String>,
    /// What it is in the team: one at least.
    pub roles: Vec<Role>,
    /// Since when: RFC 3339, UTC, with milliseconds.
    pub joined_at: String,
}

impl Accounts {
    /// The members of a team by name, for each of them.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`.
    pub async fn members(&self, by: &Principal, team: &str) -> Result<Vec<Member>> {
        let (by, team) = (by.clone(), team.to_owned());
        let found = move |connection: &mut Connection| {
            let transaction = connection.transaction().map_err(fault)?;
            let team = membership::open(&transaction, &by, &team, Takes::Member)?;
            read_members(&transaction, team.id)
        };
        self.0.metadata.call(found).await
    }

    /// Gives a member these roles and no others, for Admins. Who is no member becomes one.
    ///
    /// # Errors
    /// `NotFound` for the team and the user, `Forbidden`, `Invalid` without a role, `Conflict` where the team would have
    /// no Admin, or a user not be Admin of its personal team.
    pub async fn set_roles(&self, by: &Principal, team: &str, user: &str, roles: &[Role]) -> Result<()> {
        if roles.is_empty() {
            return Err(Error::invalid("roles is empty; give Admin, Editor or Viewer, or remove the member"));
        }
        let (by, team, user) = (by.clone(), team.to_owned(), user.to_owned());
        let [admin, editor, viewer] = Role::ALL.map(|role| roles.contains(&role));
        let set = self.0.metadata.change(move |transaction| {
            let team = membership::open(transaction, &by, &team, Takes::Admin)?;
            let known = "SELECT 1 FROM users WHERE name = ?1";
            let known = transaction.query_row(known, [&user], |_| Ok(())).optional().map_err(fault)?;
            known.ok_or_else(|| Error::not_found("user", &user))?;
            if !admin {
                keep_admins(transaction, &team, &user)?;
            }
            const SQL: &str = "\
                INSERT INTO members (team_id, user_name, admin, editor, viewer) VALUES (?1, ?2, ?3, ?4, ?5) \
                ON CONFLICT (team_id, user_name) DO UPDATE \
                SET admin = excluded.admin, editor = excluded.editor, viewer = excluded.viewer";
            transaction.execute(SQL, (team.id, &user, admin, editor, viewer)).map_err(fault)
        });
        set.await.map(drop)
    }

    /// Removes a member, for Admins and the member itself.
    ///
    /// # Errors
    /// `NotFound` for the team and the member, `Forbidden`, `Conflict` for the last Admin and the owner of a personal
    /// team.
    pub async fn remove_member(&self, by: &Principal, team: &str, user: &str) -> Result<()> {
        let (by, team, user) = (by.clone(), team.to_owned(), user.to_owned());
        let removed = self.0.metadata.change(move |transaction| {
            let takes = if person(&by)? == user { Takes::Member } else { Takes::Admin };
            let team = membership::open(transaction, &by, &team, takes)?;
            keep_admins(transaction, &team, &user)?;
            let sql = "DELETE FROM members WHERE team_id = ?1 AND user_name = ?2";
            match transaction.execute(sql, (team.id, &user)).map_err(fault)? {
                0 => Err(Error::not_found("member", &user)),
                _ => Ok(()),
            }
        });
        removed.await
    }
}

/// Refuses to take the role Admin from `user` where the team would be without one.
fn keep_admins(transaction: &Transaction<'_>, team: &TeamRow, user: &str) -> Result<()> {
    if team.personal_of.as_deref() == Some(user) {
        return Err(Error::conflict(format!("\"{}\" is the personal team of user \"{user}\"", team.name)));
    }
    const SQL: &str = "\
        SELECT EXISTS (SELECT 1 FROM members WHERE team_id = ?1 AND user_name = ?2 AND admin) \
        AND NOT EXISTS (SELECT 1 FROM members WHERE team_id = ?1 AND user_name <> ?2 AND admin)";
    if transaction.query_row(SQL, (team.id, user), |row| row.get(0)).map_err(fault)? {
        return Err(Error::conflict(format!(
            "user \"{user}\" is the last Admin of the team \"{}\"; make somebody else Admin first",
            team.name
        )));
    }
    Ok(())
}

fn read_members(connection: &Connection, team: i64) -> Result<Vec<Member>> {
    const SQL: &str = "\
        SELECT m.user_name, u.email, m.joined_at, m.admin, m.editor, m.viewer \
        FROM members m JOIN users u ON u.name = m.user_name WHERE m.team_id = ?1 ORDER BY m.user_name";
    let mut statement = connection.prepare_cached(SQL).map_err(fault)?;
    let members = statement.query_map([team], |row| {
        let held = [row.get(3)?, row.get(4)?, row.get(5)?];
        let roles = Role::ALL.into_iter().zip(held).filter(|(_, held)| *held).map(|(role, _)| role).collect();
        Ok(Member { user: row.get(0)?, email: row.get(1)?, joined_at: row.get(2)?, roles })
    });
    members.map_err(fault)?.map(|member| member.map_err(fault)).collect()
}
