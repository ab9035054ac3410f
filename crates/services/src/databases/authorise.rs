//! The one place where it is decided what somebody may do in a database.

use model::{Access, Caller, Error, Principal, Resource, Result, Rights};

use super::record::{DatabaseRecord, Visibility};

/// What `principal` was given in a database, by its own rights or a grant.
pub(super) fn granted(principal: &Principal, record: &DatabaseRecord) -> Rights {
    if principal.is_server_admin() {
        return Rights::ALL;
    }
    let own = match &record.owner {
        Some(owner) => principal.granted(&Resource::Team(owner.team)),
        None if record.visibility == Visibility::Private => principal.rights,
        None => Rights::NONE,
    };
    own | principal.granted(&Resource::Database(record.info.id.clone()))
}

/// The same, and what everybody may do there: all in a public database without an owner, read a public one with an owner.
/// Who holds a link to read may read, and no more.
pub(super) fn rights_in(principal: &Principal, record: &DatabaseRecord) -> Rights {
    let granted = granted(principal, record);
    match (record.visibility, &record.owner) {
        _ if principal.caller == Caller::Link => granted,
        (Visibility::Private, _) => granted,
        (Visibility::Public, Some(_)) => granted | Rights::only(Access::Read),
        (Visibility::Public, None) => Rights::ALL,
    }
}

/// Refuses where `wanted` is not among the rights.
pub(crate) fn require(principal: &Principal, rights: Rights, wanted: Access) -> Result<()> {
    if rights.allow(wanted) {
        return Ok(());
    }
    Err(match principal.caller {
        Caller::Anonymous => {
            Error::unauthenticated(format!("this takes {wanted} access; sign in, or send a token that has it"))
        }
        Caller::User => {
            Error::forbidden(format!("user \"{}\" has {rights} access; this takes {wanted} access", principal.name))
        }
        Caller::Token(_) => Error::forbidden(format!("the token has {rights} access; this takes {wanted} access")),
        Caller::Link => Error::forbidden(format!("a read-only link has {rights} access; this takes {wanted} access")),
    })
}

#[cfg(test)]
mod tests {
    use model::{DatabaseId, DatabaseInfo, DatabaseName, Grant, StorageKind};

    use super::super::record::Owner;
    use super::*;

    fn record(owner: Option<i64>, visibility: Visibility) -> DatabaseRecord {
        let info = DatabaseInfo {
            id: DatabaseId::new("shop").unwrap(),
            name: DatabaseName::new("shop").unwrap(),
            kind: StorageKind::Sqlite,
        };
        let owner =
            owner.map(|team| Owner { team, name: format!("team {team}"), since: "2026-01-01T00:00:00.000Z".into() });
        DatabaseRecord { owner, visibility, ..DatabaseRecord::new(info) }
    }

    fn user(rights: Rights, team: i64, role: Access) -> Principal {
        let grant = Grant { resource: Resource::Team(team), rights: Rights::up_to(role) };
        Principal::user("ann", rights, vec![grant])
    }

    #[test]
    fn the_server_s_own_databases_go_by_the_user_s_own_rights() {
        let own = record(None, Visibility::Private);
        assert_eq!(
            rights_in(&user(Rights::up_to(Access::Write), 1, Access::Admin), &own),
            Rights::up_to(Access::Write)
        );
        assert_eq!(rights_in(&user(Rights::NONE, 1, Access::Admin), &own), Rights::NONE);
        assert_eq!(rights_in(&Principal::anonymous(), &own), Rights::NONE);
    }

    #[test]
    fn a_team_s_databases_go_by_the_role_in_that_team() {
        let theirs = record(Some(1), Visibility::Private);
        assert_eq!(rights_in(&user(Rights::NONE, 1, Access::Write), &theirs), Rights::up_to(Access::Write));
        assert_eq!(rights_in(&user(Rights::up_to(Access::Write), 2, Access::Admin), &theirs), Rights::NONE);
        assert_eq!(rights_in(&user(Rights::ALL, 2, Access::Read), &theirs), Rights::ALL);
    }

    #[test]
    fn public_means_read_where_there_is_an_owner_and_everything_where_there_is_none() {
        let nobody = Principal::anonymous();
        assert_eq!(rights_in(&nobody, &record(Some(1), Visibility::Public)), Rights::only(Access::Read));
        assert_eq!(rights_in(&nobody, &record(None, Visibility::Public)), Rights::ALL);
        let link = Principal::link(DatabaseId::new("shop").unwrap());
        assert_eq!(rights_in(&link, &record(None, Visibility::Public)), Rights::only(Access::Read));
    }

    #[test]
    fn a_token_has_what_it_was_given() {
        let grant = Grant {
            resource: Resource::Database(DatabaseId::new("shop").unwrap()),
            rights: Rights::only(Access::Insert),
        };
        let token = Principal::token(7, vec![grant]);
        assert_eq!(rights_in(&token, &record(Some(1), Visibility::Private)), Rights::only(Access::Insert));
    }
}
