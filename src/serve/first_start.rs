//! The admin account of a fresh data directory.

use std::io::{self, Write};

use model::Result;
use secrecy::ExposeSecret;
use services::{Accounts, FirstAdmin};

use crate::config::AdminConfig;

/// Makes the admin account where there is none, and prints its credentials, once.
///
/// # Errors
/// Those of the accounts: a given name or password that cannot be one, for instance.
pub async fn ensure_admin(accounts: &Accounts, admin: &AdminConfig) -> Result<()> {
    let first = accounts.ensure_admin(admin.name.as_deref(), admin.password.clone()).await?;
    if let Some(first) = first {
        // On standard error and past the log: logs are kept and sent on, a password is not.
        let _ = io::stderr().lock().write_all(notice(&first).as_bytes());
    }
    Ok(())
}

fn notice(first: &FirstAdmin) -> String {
    let rule = "-".repeat(72);
    let password = if first.generated { first.password.expose_secret() } else { "(as given in the environment)" };
    let advice = if first.generated { "Keep it: the password is stored hashed and not shown again.\n" } else { "" };
    format!(
        "{rule}\nFirst start: this data directory has an admin account now.\n  username: {}\n  password: {password}\n{advice}{rule}\n",
        first.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    #[test]
    fn a_given_password_is_not_printed() {
        let first = |generated| FirstAdmin { name: "ann".into(), password: SecretString::from("s3cret"), generated };
        assert!(notice(&first(true)).contains("  username: ann\n  password: s3cret\n"));
        assert!(!notice(&first(false)).contains("s3cret"));
    }
}
