//! Who wants a session to end.

use model::Result;
use poem::{Request, RequestBody};
use poem_openapi::registry::Registry;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use secrecy::SecretString;
use services::Accounts;

use super::Failure;
use super::caller::{BASIC, BEARER, COOKIE, Credential, credential, nobody, register};
use crate::client::Client;
use crate::parameters;

/// Somebody whose session is to end. A session that has ended already will do; what never was one is 401.
pub struct Leaving(Option<SecretString>);

impl Leaving {
    /// Ends the session. Name and password have none.
    ///
    /// # Errors
    /// As [`Accounts::logout`].
    pub async fn leave(&self, accounts: &Accounts) -> Result<()> {
        match &self.0 {
            Some(token) => accounts.logout(token).await,
            None => Ok(()),
        }
    }
}

impl<'a> ApiExtractor<'a> for Leaving {
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
        let accounts = request.data::<Accounts>().expect("the product's endpoint carries the accounts");
        let left = match credential(request).map_err(Failure)? {
            Credential::Token(token) => accounts.recognise(&token).await.map(|()| Some(token)),
            Credential::Password(name, password) => {
                accounts.authenticate_from(&name, &password, Client::of(request).0).await.map(|_| None)
            }
            Credential::None => Err(nobody()),
        };
        let left = left.map_err(Failure)?;
        parameters::sound(request)?;
        Ok(Self(left))
    }
}
