//! The operations on accounts: users, sessions, teams, tokens and mail.

use services::Accounts;

use super::mail_pages::MailPagesApi;
use super::members::MembersApi;
use super::passwords::PasswordsApi;
use super::session::SessionApi;
use super::teams::TeamsApi;
use super::tokens::TokensApi;
use super::users::UsersApi;

/// One entry a file.
pub type AccountsApi = (SessionApi, UsersApi, PasswordsApi, MailPagesApi, TeamsApi, MembersApi, TokensApi);

/// The operations, over `accounts`.
pub fn operations(accounts: &Accounts) -> AccountsApi {
    (
        SessionApi { accounts: accounts.clone() },
        UsersApi { accounts: accounts.clone() },
        PasswordsApi { accounts: accounts.clone() },
        MailPagesApi { accounts: accounts.clone() },
        TeamsApi { accounts: accounts.clone() },
        MembersApi { accounts: accounts.clone() },
        TokensApi { accounts: accounts.clone() },
    )
}
