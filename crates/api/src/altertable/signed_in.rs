//! Who is calling: name and password after `Basic` or `Bearer`, or an API token after `Bearer`.

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use model::{Error, Principal, Result};
use poem::http::{HeaderValue, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use secrecy::SecretString;
use services::{Accounts, TOKEN_PREFIX};

use super::Failure;
use crate::client::Client;
use crate::parameters;

/// The caller. As the first argument of an operation it authenticates before anything else of the request is looked at.
///
/// A credential that is there and bad is 401, never an anonymous caller; so are two of them.
pub struct SignedIn(pub Principal);

const BASIC: &str = "Basic";
const BEARER: &str = "Bearer";

impl<'a> ApiExtractor<'a> for SignedIn {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(BASIC, scheme("basic", "Name and password of a user."));
        let bearer = scheme(
            "bearer",
            "The payload of Basic credentials, base64 of `name:password`, as a bearer token; or an API token (`ast_…`).",
        );
        let bearer = MetaSecurityScheme { bearer_format: Some("base64(name:password)"), ..bearer };
        registry.create_security_scheme(BEARER, bearer);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BASIC, BEARER]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let accounts = request.data::<Accounts>().expect("the product's endpoint carries the accounts");
        let given =
            request.headers().get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes).collect::<Vec<_>>();
        let principal = match api_token(&given) {
            Some(token) => accounts.bearer(&token).await,
            None => {
                let (name, password) = credentials(&given).map_err(Failure)?;
                accounts.authenticate_from(&name, &password, Client::of(request).0).await
            }
        };
        let principal = principal.map_err(Failure)?;
        parameters::sound(request)?;
        Ok(Self(principal))
    }
}

fn scheme(word: &'static str, description: &'static str) -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty: "http",
        description: Some(description),
        name: None,
        key_in: None,
        scheme: Some(word),
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    }
}

/// Some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The API token of the one `Authorization` header, where it has one: an underscore is not in base64's alphabet.
fn api_token(headers: &[&[u8]]) -> Option<SecretString> {
    let [header] = headers else { return None };
    let (word, payload) = std::str::from_utf8(header).ok()?.trim().split_once(' ')?;
    let token = payload.trim();
    (word.eq_ignore_ascii_case(BEARER) && token.starts_with(TOKEN_PREFIX)).then(|| SecretString::from(token))
}

/// Name and password of the one `Authorization` header. The password may hold `:`, a name may not.
fn credentials(headers: &[&[u8]]) -> Result<(String, SecretString)> {
    let header = match headers {
        [] => return Err(Error::unauthenticated("no credentials; send an Authorization header")),
        [header] => header,
        // A proxy and the server could take different ones for the caller's.
        _ => return Err(Error::unauthenticated("several Authorization headers; send one")),
    };
    let unreadable =
        || Error::unauthenticated("unreadable credentials; send Basic or Bearer with base64 of name:password");
    let header = std::str::from_utf8(header).map_err(|_| unreadable())?;
    let (word, payload) = header.trim().split_once(' ').ok_or_else(unreadable)?;
    if !word.eq_ignore_ascii_case(BASIC) && !word.eq_ignore_ascii_case(BEARER) {
        return Err(unreadable());
    }
    let decoded = BASE64.decode(payload.trim()).map_err(|_| unreadable())?;
    let decoded = String::from_utf8(decoded).map_err(|_| unreadable())?;
    let (name, password) = decoded.split_once(':').ok_or_else(unreadable)?;
    Ok((name.to_owned(), SecretString::from(password)))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn reads_both_schemes_and_splits_at_the_first_colon() {
        for header in ["Basic dGVzdHVzZXI6YTpi", "bearer dGVzdHVzZXI6YTpi", "BASIC   dGVzdHVzZXI6YTpi "] {
            let (name, password) = credentials(&[header.as_bytes()]).unwrap();
            assert_eq!((name.as_str(), password.expose_secret()), ("testuser", "a:b"));
        }
        assert_eq!(credentials(&[b"Basic dTpw"]).unwrap().0, "u");
        assert_eq!(credentials(&[b"Basic dTpwdw"]).unwrap().1.expose_secret(), "pw");
    }

    #[test]
    fn api_tokens_go_after_bearer() {
        let token = |header: &str| api_token(&[header.as_bytes()]).map(|token| token.expose_secret().to_owned());
        assert_eq!(token("Bearer ast_abc"), Some("ast_abc".to_owned()));
        for none in ["Basic ast_abc", "Bearer dTpw", "Bearer", "ast_abc"] {
            assert_eq!(token(none), None, "{none}");
        }
        assert!(api_token(&[b"Bearer ast_abc", b"Bearer ast_abc"]).is_none());
    }

    #[test]
    fn two_credentials_are_refused() {
        let error = credentials(&[b"Basic dTpw", b"Basic dTpw"]).unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (model::ErrorKind::Unauthenticated, "several Authorization headers; send one")
        );
    }

    #[test]
    fn refuses_everything_else() {
        for header in ["", "Basic", "Basic !!!", "Basic dGVzdA==", "Digest dGVzdHVzZXI6YTpi", "dGVzdHVzZXI6YTpi"] {
            let error = credentials(&[header.as_bytes()]).unwrap_err();
            assert_eq!(error.kind(), model::ErrorKind::Unauthenticated, "{header}");
        }
        assert_eq!(credentials(&[]).unwrap_err().kind(), model::ErrorKind::Unauthenticated);
    }
}
