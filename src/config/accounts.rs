//! From flags about accounts and mail to how accounts are set up.

use std::net::SocketAddr;

use model::{Error, Result};
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use services::{AccountsConfig, MailConfig, SignUp, SmtpConfig, SmtpTls};
use url::{Host, Url};

use crate::args::AccountArguments;

/// What the flags say for a server that listens at `listen`.
///
/// # Errors
/// `Invalid` for an SMTP server without a sender or a public address, and for URLs that are not of their kind.
pub fn config(arguments: AccountArguments, listen: SocketAddr) -> Result<AccountsConfig> {
    let AccountArguments { sign_up, wrong_passwords, public_url, smtp_url, mail_from } = arguments;
    let unasked = if listen.ip().is_loopback() { SignUp::Open } else { SignUp::Invited };
    let public_url = public_url.map(|url| base(&url)).transpose()?;
    let smtp_url = smtp_url.filter(|url| !url.is_empty());
    let smtp = smtp_url.map(|url| {
        let from = mail_from.as_deref().ok_or_else(|| missing("--mail-from", "whom mail is from"))?;
        if public_url.is_none() {
            return Err(missing("--public-url", "the address under which readers of mail reach the server"));
        }
        smtp(&url, from)
    });
    let mail = MailConfig { public_url, smtp: smtp.transpose()? };
    Ok(AccountsConfig { sign_up: sign_up.unwrap_or(unasked), mail, wrong_passwords })
}

fn missing(flag: &str, what: &str) -> Error {
    Error::invalid(format!("--smtp-url takes {flag} as well: {what}"))
}

fn base(url: &Url) -> Result<String> {
    let web = matches!(url.scheme(), "http" | "https");
    if !web || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(Error::invalid(format!("--public-url {url} is no address of a web server without a query")));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Messages name no part of the URL: it may have a password in it, wherever that was put.
fn smtp(text: &str, from: &str) -> Result<SmtpConfig> {
    let unreadable = |told: &str| Error::invalid(format!("--smtp-url cannot be read: {told}"));
    let url = Url::parse(text).map_err(|fault| unreadable(&fault.to_string()))?;
    let wrapped = match url.scheme() {
        "smtp" => false,
        "smtps" => true,
        _ => return Err(unreadable("it begins with neither smtp:// nor smtps://")),
    };
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| unreadable("it names no host"))?;
    let decoded = |part: &str| {
        let text = percent_decode_str(part).decode_utf8().map_err(|_| unreadable("what is encoded in it is no UTF-8"));
        text.map(std::borrow::Cow::into_owned)
    };
    let credentials = match url.password() {
        Some(password) => Some((decoded(url.username())?, SecretString::from(decoded(password)?))),
        None if url.username().is_empty() => None,
        None => return Err(unreadable("it has a user and no password")),
    };
    let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
    let tls = match asked.as_deref() {
        _ if wrapped => SmtpTls::Wrapped,
        Some("required") => SmtpTls::Required,
        Some("opportunistic") => SmtpTls::Opportunistic,
        Some("off") => SmtpTls::Off,
        Some(_) => return Err(unreadable("tls is none of required, opportunistic and off")),
        None if is_here(&url) && credentials.is_none() => SmtpTls::Opportunistic,
        None => SmtpTls::Required,
    };
    let port = url.port().unwrap_or(if wrapped { 465 } else { 587 });
    Ok(SmtpConfig { host: host.to_owned(), port, credentials, tls, from: SmtpConfig::sender(from)? })
}

/// Whether the host is this machine.
fn is_here(url: &Url) -> bool {
    match url.host() {
        // Of a scheme that URLs do not know, an address is a name like others.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn asked(smtp_url: &str) -> AccountArguments {
        AccountArguments {
            public_url: Some("https://data.example/".parse().unwrap()),
            smtp_url: Some(smtp_url.to_owned()),
            mail_from: Some("Data <data@example.com>".to_owned()),
            ..AccountArguments::default()
        }
    }

    fn here() -> SocketAddr {
        "127.0.0.1:8080".parse().unwrap()
    }

    #[test]
    fn a_url_says_all_of_an_smtp_server() {
        let read = |url: &str| config(asked(url), here()).unwrap().mail.smtp.unwrap();
        let mail = read("smtp://us%40er:p%3Ass@mail.example:2525");
        let (user, password) = mail.credentials.unwrap();
        assert_eq!((mail.host.as_str(), mail.port, mail.tls), ("mail.example", 2525, SmtpTls::Required));
        assert_eq!((user.as_str(), password.expose_secret()), ("us@er", "p:ss"));
        let place = |url: &str| (read(url).port, read(url).tls);
        assert_eq!(place("smtps://mail.example"), (465, SmtpTls::Wrapped));
        assert_eq!(place("smtp://mail.example"), (587, SmtpTls::Required));
        assert_eq!(place("smtp://127.0.0.1:25"), (25, SmtpTls::Opportunistic));
        assert_eq!(place("smtp://localhost:25"), (25, SmtpTls::Opportunistic));
        assert_eq!(place("smtp://a:b@localhost"), (587, SmtpTls::Required));
        assert_eq!(place("smtp://mail.example?tls=off"), (587, SmtpTls::Off));
    }

    #[test]
    fn what_is_missing_is_named_and_no_secret_is() {
        let told = |arguments| config(arguments, here()).unwrap_err().message().to_owned();
        let url = "smtp://user:findme@mail.example";
        assert!(told(AccountArguments { mail_from: None, ..asked(url) }).contains("--mail-from"));
        assert!(told(AccountArguments { public_url: None, ..asked(url) }).contains("--public-url"));
        for unfit in ["http://user:findme@h", "findme", "smtp://user@h", "smtp://u:findme@h?tls=findme", "smtp://"] {
            assert!(!told(asked(unfit)).contains("findme"), "{unfit}");
        }
        assert!(told(AccountArguments { mail_from: Some("nope".into()), ..asked(url) }).contains("nope"));
    }

    #[test]
    fn sign_up_is_open_to_this_machine_alone_unless_asked() {
        let of = |listen: &str, sign_up| {
            let arguments = AccountArguments { sign_up, ..AccountArguments::default() };
            config(arguments, listen.parse().unwrap()).unwrap().sign_up
        };
        assert_eq!(of("127.0.0.1:80", None), SignUp::Open);
        assert_eq!(of("[::1]:80", None), SignUp::Open);
        assert_eq!(of("0.0.0.0:80", None), SignUp::Invited);
        assert_eq!(of("0.0.0.0:80", Some(SignUp::Open)), SignUp::Open);
        assert_eq!(of("127.0.0.1:80", Some(SignUp::Closed)), SignUp::Closed);
    }
}
