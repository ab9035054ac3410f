//! What the caller's program calls itself.

use poem::http::header;
use poem::{FromRequest, Request, RequestBody};
use services::Asked;

/// The header `User-Agent`, where there is one that is text.
pub struct UserAgent(pub Option<String>);

impl UserAgent {
    /// How something is asked through the operation of this id.
    pub fn asks(self, operation: &'static str) -> Asked {
        Asked { interface: operation, user_agent: self.0 }
    }
}

impl<'a> FromRequest<'a> for UserAgent {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self(agent.filter(|agent| !agent.is_empty()).map(str::to_owned)))
    }
}
