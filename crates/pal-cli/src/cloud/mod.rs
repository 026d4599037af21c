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
    /// What else it says of its sign-in.
    #[serde(default, skip_serializing_if = "SignIn::is_usual")]
    pub sign_in: SignIn,
    /// Certificates to trust, beside those of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

/// The sign-in of a cloud, where it is another than Azure's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// Whether it is an issuer of `OpenID` Connect that knows nothing of Azure: one place for all directories.
    #[serde(default)]
    pub open_id: bool,
    /// The only directory that it signs in to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// A public client there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The scope to ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

impl SignIn {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
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
            sign_in: SignIn::default(),
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

    /// Whether the sign-in has one place for all directories, as an ADFS has and issuers that are not Azure's.
    pub fn has_one_sign_in(&self) -> bool {
        self.sign_in.open_id || self.active_directory.to_ascii_lowercase().ends_with("/adfs")
    }

    /// Whether it is a cloud of one's own whose tokens come from elsewhere.
    pub fn signs_in_elsewhere(&self) -> bool {
        self.active_directory != self.resource_manager && !Self::built_in().contains(self)
    }

    /// The directory to sign in to when none is named.
    pub fn usual_tenant(&self) -> &str {
        self.sign_in.tenant.as_deref().unwrap_or("organizations")
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
