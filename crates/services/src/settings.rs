//! The settings of the server, which its admins see and change.

use model::{Caller, Error, Principal, Result};
use rusqlite::{Connection, OptionalExtension};

use crate::metadata::fault;
use crate::variables::NewVariable;
use crate::{Metadata, Variables};

/// The name of the setting that lists hosts.
const ALLOWED_HOSTS: &str = "allowed_hosts";
/// How many hosts there are at most.
const MOST_HOSTS: usize = 1_000;
/// The longest name of a host with its port, in characters.
const HOST_CHARS: usize = 260;

/// The settings of the server. Clones share everything.
#[derive(Clone)]
pub struct ServerSettings {
    metadata: Metadata,
    variables: Variables,
}

/// What is to be other than before. What is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ServerSettingsChange {
    /// Hosts that the server's functions may reach: `host` or `host:port`.
    pub allowed_hosts: Option<Vec<String>>,
    /// Variables that get this value, or are made; the others stay.
    pub variables: Vec<NewVariable>,
}

impl ServerSettings {
    pub(crate) fn new(metadata: Metadata, variables: Variables) -> Self {
        Self { metadata, variables }
    }

    /// The hosts that functions may reach.
    ///
    /// # Errors
    /// `Forbidden` where `principal` is no admin of the server, here and below.
    pub async fn allowed_hosts(&self, principal: &Principal) -> Result<Vec<String>> {
        require_server_admin(principal)?;
        let read = |connection: &mut Connection| {
            let found = connection.query_row("SELECT value FROM settings WHERE name = ?1", [ALLOWED_HOSTS], |row| {
                row.get::<_, String>(0)
            });
            found.optional().map_err(fault)
        };
        let text = self.metadata.call(read).await?;
        text.map_or(Ok(Vec::new()), |text| serde_json::from_str(&text).map_err(Error::internal))
    }

    /// Changes settings, all of them or none.
    ///
    /// # Errors
    /// `Invalid` for what is no host, and for variables that cannot be.
    pub async fn change(&self, principal: &Principal, change: ServerSettingsChange) -> Result<()> {
        require_server_admin(principal)?;
        if let Some(hosts) = &change.allowed_hosts {
            check_hosts(hosts)?;
        }
        let sealed = self.variables.sealed(&change.variables)?;
        let hosts = change.allowed_hosts.map(|hosts| serde_json::to_string(&hosts)).transpose();
        let hosts = hosts.map_err(Error::internal)?;
        let changed = move |connection: &mut Connection| {
            let transaction = connection.transaction().map_err(fault)?;
            if let Some(hosts) = hosts {
                let sql = "INSERT INTO settings (name, value) VALUES (?1, ?2) \
                           ON CONFLICT (name) DO UPDATE SET value = excluded.value";
                transaction.execute(sql, [ALLOWED_HOSTS, &hosts]).map_err(fault)?;
            }
            for variable in &sealed {
                variable.put(&transaction, None)?;
            }
            transaction.commit().map_err(fault)
        };
        self.metadata.call(changed).await
    }
}

/// Refuses whoever is no admin of the server.
pub(crate) fn require_server_admin(principal: &Principal) -> Result<()> {
    if principal.is_server_admin() {
        return Ok(());
    }
    Err(match principal.caller {
        Caller::Anonymous => Error::unauthenticated("this takes an admin of the server; sign in"),
        _ => Error::forbidden("this takes an admin of the server"),
    })
}

fn check_hosts(hosts: &[String]) -> Result<()> {
    if hosts.len() > MOST_HOSTS {
        return Err(Error::invalid(format!("`allowedHosts` lists more than {MOST_HOSTS} hosts")));
    }
    match hosts.iter().find(|host| !is_host(host)) {
        Some(host) => {
            let shown: String = host.chars().take(80).collect();
            Err(Error::invalid(format!("{shown:?} in `allowedHosts` is no host; write host or host:port")))
        }
        None => Ok(()),
    }
}

/// A name or an IPv4 address, or an IPv6 address in brackets, and a port where one is meant.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let named = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = address.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok());
    text.len() <= HOST_CHARS
        && (named || address)
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn hosts_have_a_port_or_none() {
        for host in ["example.com", "example.com:8080", "127.0.0.1:80", "[::1]", "[::1]:443", "localhost"] {
            assert!(is_host(host), "{host}");
        }
        for text in ["", "http://example.com", "example.com:", "example.com:99999", "a b", "[::1", "::1", "x/y", ":80"]
        {
            assert!(!is_host(text), "{text}");
        }
    }
}
