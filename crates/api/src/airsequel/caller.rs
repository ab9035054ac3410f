//! Who is calling: a session or API token after `Bearer`, name and password after `Basic`, a browser's session cookie.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::{Caller, Error, Principal, Result};
use poem::http::{HeaderValue, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use secrecy::SecretString;
use services::Accounts;

use super::Failure;
use crate::client::Client;
use crate::parameters;

pub(super) const BEARER: &str = "Bearer";
pub(super) const BASIC: &str = "Basic";
pub(super) const COOKIE: &str = "Cookie";

/// The cookie that a login gives to browsers.
pub const SESSION_COOKIE: &str = "sessionToken";

/// Whoever calls, nobody included. As the first argument of an operation it authenticates before anything else of the
/// request is looked at: a credential that is there and bad is 401, never an anonymous caller; so are two of them.
pub struct Anyone(pub Principal);

/// Somebody with an account or a token; nobody is 401.
pub struct SignedIn(pub Principal);

impl<'a> ApiExtractor<'a> for Anyone {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER, BASIC, COOKIE]
    }

    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let principal = principal(request).await.map_err(Failure)?;
        parameters::sound(request)?;
        Ok(Self(principal))
    }
}

impl<'a> ApiExtractor<'a> for SignedIn {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER, BASIC, COOKIE]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let principal = principal(request).await.map_err(Failure)?;
        if principal.caller == Caller::Anonymous {
            return Err(Failure(nobody()).into());
        }
        parameters::sound(request)?;
        Ok(Self(principal))
    }
}

/// The answer to nobody.
pub(super) fn nobody() -> Error {
    Error::unauthenticated("no credentials; send Authorization: Bearer and a token")
}

/// Names the schemes in the document.
pub(super) fn register(registry: &mut Registry) {
    let scheme = |ty, description| MetaSecurityScheme {
        ty,
        description: Some(description),
        name: None,
        key_in: None,
        scheme: None,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    };
    let http = |word, description| MetaSecurityScheme { scheme: Some(word), ..scheme("http", description) };
    registry.create_security_scheme(BEARER, http("bearer", "A session token, or an API token (`ast_…`)."));
    registry.create_security_scheme(BASIC, http("basic", "Name and password of a user."));
    let cookie = scheme("apiKey", "The session token, in the cookie that a login gives to browsers.");
    let cookie = MetaSecurityScheme { name: Some(SESSION_COOKIE), key_in: Some("cookie"), ..cookie };
    registry.create_security_scheme(COOKIE, cookie);
}

/// What a request says of its caller.
pub(super) enum Credential {
    Token(SecretString),
    Password(String, SecretString),
    None,
}

async fn principal(request: &Request) -> Result<Principal> {
    let accounts = request.data::<Accounts>().expect("the product's endpoint carries the accounts");
    match credential(request)? {
        Credential::Token(token) => accounts.bearer(&token).await,
        Credential::Password(name, password) => {
            accounts.authenticate_from(&name, &password, Client::of(request).0).await
        }
        Credential::None => Ok(Principal::anonymous()),
    }
}

/// The `Authorization` header decides where there is one; the cookie is for browsers, which send none.
pub(super) fn credential(request: &Request) -> Result<Credential> {
    let headers: Vec<&HeaderValue> = request.headers().get_all(header::AUTHORIZATION).iter().collect();
    match headers.as_slice() {
        [] => Ok(cookie(request).map_or(Credential::None, |token| Credential::Token(SecretString::from(token)))),
        [header] => authorization(header),
        // A proxy and the server could take different ones for the caller's.
        _ => Err(Error::unauthenticated("several Authorization headers; send one")),
    }
}

fn authorization(header: &HeaderValue) -> Result<Credential> {
    let unreadable = || {
        Error::unauthenticated("unreadable credentials; send Bearer and a token, or Basic and base64 of name:password")
    };
    let (word, payload) = header.to_str().ok().and_then(|text| text.trim().split_once(' ')).ok_or_else(unreadable)?;
    let payload = payload.trim();
    if word.eq_ignore_ascii_case(BEARER) {
        return Ok(Credential::Token(SecretString::from(payload)));
    }
    if !word.eq_ignore_ascii_case(BASIC) {
        return Err(unreadable());
    }
    let decoded =
        STANDARD.decode(payload).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(unreadable)?;
    let (name, password) = decoded.split_once(':').ok_or_else(unreadable)?;
    Ok(Credential::Password(name.to_owned(), SecretString::from(password)))
}

fn cookie(request: &Request) -> Option<String> {
    let headers = request.headers().get_all(header::COOKIE);
    let pairs = headers.iter().filter_map(|header| header.to_str().ok()).flat_map(|header| header.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find_map(|(name, value)| {
        (name == SESSION_COOKIE && !value.is_empty()).then(|| value.trim_matches('"').to_owned())
    })
}
