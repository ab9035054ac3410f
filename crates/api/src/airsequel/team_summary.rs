//! A team in a list, and how it pays.

use poem_openapi::Object;

use crate::count::Count;
use crate::one_of::{OneOf, Words};

/// The words for plans.
pub struct Plans;

impl Words for Plans {
    const WORDS: &'static [&'static str] = &["free", "pro", "enterprise"];
}

/// How a team pays, as far as that is known.
#[derive(Object)]
pub struct Billing {
    /// Where bills go.
    email_address: Option<String>,
    /// `free`, `pro` or `enterprise`.
    plan: Option<OneOf<Plans>>,
    /// The number of its subscription.
    subscription_id: Option<i64>,
}

impl From<services::Billing> for Billing {
    fn from(billing: services::Billing) -> Self {
        Self { email_address: billing.email, plan: billing.plan.map(OneOf::new), subscription_id: billing.subscription }
    }
}

/// A team in a list.
#[derive(Object)]
pub struct TeamSummary {
    /// Its name.
    name: String,
    /// How many databases it owns.
    #[oai(rename = "numberOfDatabases")]
    number_of_databases: Count,
    /// How it pays; null where nothing is known of that.
    billing: Option<Billing>,
}

impl From<services::TeamSummary> for TeamSummary {
    fn from(team: services::TeamSummary) -> Self {
        let number_of_databases = Count(team.databases.into());
        Self { name: team.name, number_of_databases, billing: team.billing.map(Billing::from) }
    }
}
