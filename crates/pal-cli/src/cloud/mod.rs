//! Clouds: Azure, and every other that answers like it.

mod metadata;
mod registry;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use metadata::{base_url, discover};
pub use registry::Registry;

/// Where a cloud is, and whom its tokens are for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cloud {
    /// The name it goes by here.
    pub name: String,
    /// The address of the resource manager, without a slash at the end.
    pub resource_manager: String,
    /// The address of the sign-in, without a slash at the end.
    pub active_directory: String,
    /// The audience of its tokens, as the cloud writes it.
    pub audience: String,
    /// The address of its portal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<String>,
    /// Certificates to trust, beside those of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

/// The name of Azure itself.
pub const AZURE: &str = "AzureCloud";

impl Cloud {
    /// The clouds that everybody knows.
    pub fn built_in() -> [Self; 3] {
        let cloud = |name: &str, manager: &str, login: &str, audience: &str, portal: &str| Self {
            name: name.to_owned(),
            resource_manager: manager.to_owned(),
            active_directory: login.to_owned(),
            audience: audience.to_owned(),
            portal: Some(portal.to_owned()),
            ca_file: None,
        };
        [
            cloud(
                AZURE,
                "https://management.azure.com",
                "https://login.microsoftonline.com",
                "https://management.core.windows.net/",
                "https://portal.azure.com",
            ),
            cloud(
                "AzureChinaCloud",
                "https://management.chinacloudapi.cn",
                "https://login.chinacloudapi.cn",
                "https://management.core.chinacloudapi.cn/",
                "https://portal.azure.cn",
            ),
            cloud(
                "AzureUSGovernment",
                "https://management.usgovcloudapi.net",
                "https://login.microsoftonline.us",
                "https://management.core.usgovcloudapi.net/",
                "https://portal.azure.us",
            ),
        ]
    }

    /// Whether Partner Admin Link is offered there at all; nothing is asked of those where it is
    /// not.
    pub fn offers_pal(&self) -> bool {
        !["management.chinacloudapi.cn", "management.usgovcloudapi.net"]
            .iter()
            .any(|host| self.resource_manager.eq_ignore_ascii_case(&format!("https://{host}")))
    }

    /// Whether the sign-in is that of an ADFS, which knows one directory only.
    pub fn is_adfs(&self) -> bool {
        self.active_directory.to_ascii_lowercase().ends_with("/adfs")
    }

    /// As az shows a cloud.
    pub fn shown(&self, active: bool) -> Value {
        let mut endpoints = json!({
            "activeDirectory": self.active_directory,
            "activeDirectoryResourceId": self.audience,
            "management": self.audience,
            "resourceManager": self.resource_manager,
        });
        if let Some(portal) = &self.portal {
            endpoints["portal"] = json!(portal);
        }
        let mut shown = json!({
            "endpoints": endpoints,
            "isActive": active,
            "name": self.name,
            "profile": "latest",
            "suffixes": {},
        });
        if let Some(file) = &self.ca_file {
            shown["caFile"] = json!(file.display().to_string());
        }
        shown
    }
}
