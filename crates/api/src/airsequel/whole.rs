//! The operations on databases as a whole, their settings and the server's, put together.

use services::Services;

use super::audit::AuditApi;
use super::create::CreateApi;
use super::database_page::DatabasePageApi;
use super::databases::DatabaseApi;
use super::download::DownloadApi;
use super::duplicate::DuplicateApi;
use super::links::LinkApi;
use super::settings::SettingsApi;
use super::upload::DatabaseUploadApi;
use super::variables::VariableApi;

/// Everything of this group, one entry a file.
pub type WholeApi = (
    DatabaseApi,
    DatabasePageApi,
    CreateApi,
    DatabaseUploadApi,
    DownloadApi,
    DuplicateApi,
    LinkApi,
    VariableApi,
    SettingsApi,
    AuditApi,
);

/// The operations, over `services`.
pub fn operations(services: &Services) -> WholeApi {
    let Services { databases, variables, settings, uploads, audit, .. } = services.clone();
    let staging = uploads.staging().clone();
    (
        DatabaseApi { databases: databases.clone() },
        DatabasePageApi { databases: databases.clone() },
        CreateApi { databases: databases.clone() },
        DatabaseUploadApi { uploads, audit: audit.clone() },
        DownloadApi { databases: databases.clone(), staging: staging.clone() },
        DuplicateApi { databases: databases.clone(), staging },
        LinkApi { databases: databases.clone() },
        VariableApi { variables: variables.clone() },
        SettingsApi { databases, variables, settings },
        AuditApi { audit },
    )
}
