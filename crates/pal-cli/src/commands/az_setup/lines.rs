//! The text.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use url::Url;

use crate::clean::cell;
use crate::cloud::Cloud;

/// A cloud, and the files that its clients need.
pub struct RegisteredCloud {
    pub name: String,
    /// The address of its resource manager.
    pub url: String,
    pub ca: Option<PathBuf>,
    /// The same and the public ones.
    pub bundle: Option<PathBuf>,
    /// Who can sign in, where everybody may know it.
    pub demo: Option<Demo>,
    pub sign_in: SignInPlace,
}

/// Where tokens come from, and for whom they are.
pub struct SignInPlace {
    pub authority: String,
    pub audience: String,
    /// Whether Azure's clients cannot sign in there: it has none of Entra ID's addresses.
    pub is_foreign: bool,
}

impl SignInPlace {
    /// The service's own.
    pub fn own(url: &str) -> Self {
        Self { authority: url.to_owned(), audience: url.to_owned(), is_foreign: false }
    }

    /// As a cloud is known.
    pub fn of(cloud: &Cloud) -> Self {
        if !cloud.signs_in_elsewhere() {
            return Self::own(&cloud.resource_manager);
        }
        Self {
            authority: cell(&cloud.active_directory),
            audience: cell(&cloud.audience),
            is_foreign: cloud.sign_in.open_id,
        }
    }
}

pub struct Demo {
    tenant: String,
    client: String,
    secret: String,
}

impl Demo {
    /// The first application that `dev.json` names.
    pub fn first(about: &Value) -> Option<Self> {
        about["tenants"].as_array()?.iter().find_map(|tenant| {
            let app = tenant["apps"].as_array()?.first()?;
            Some(Self {
                tenant: cell(tenant["tenant"].as_str()?),
                client: cell(app["clientId"].as_str()?),
                secret: cell(app["secret"].as_str()?),
            })
        })
    }
}

impl RegisteredCloud {
    pub fn shown(&self) -> Value {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        json!({
            "name": self.name, "url": self.url, "ca": path(&self.ca), "bundle": path(&self.bundle),
            "authority": self.sign_in.authority, "audience": self.sign_in.audience,
        })
    }

    pub fn lines(&self) -> String {
        let Self { name, url, .. } = self;
        let mut out = Vec::new();
        if let Some(ca) = &self.ca {
            let bundle = quoted(self.bundle.as_deref().unwrap_or(ca));
            out.push(format!("export REQUESTS_CA_BUNDLE={bundle}     # az, Python"));
            out.push(format!("export NODE_EXTRA_CA_CERTS={}     # Node.js", quoted(ca)));
            out.push(format!("export SSL_CERT_FILE={bundle}     # Terraform; PowerShell on Linux"));
        }
        if self.sign_in.is_foreign {
            out.extend(self.own_client());
            return out.join("\n") + "\n";
        }
        out.push("export AZURE_CORE_INSTANCE_DISCOVERY=false".to_owned());
        out.push(String::new());
        out.push("# Azure CLI".to_owned());
        out.push(format!("az cloud register -n {name} --endpoint-resource-manager {url}"));
        out.push(format!("az cloud set -n {name}"));
        out.push(self.login());
        out.push("az managementpartner create --partner-id 5127255".to_owned());
        out.push("# back: az cloud set -n AzureCloud".to_owned());
        out.extend(self.programs());
        out.join("\n") + "\n"
    }

    /// For an issuer at which Azure's clients cannot sign in.
    fn own_client(&self) -> Vec<String> {
        let Self { name, url, sign_in: SignInPlace { authority, audience, .. }, .. } = self;
        let ca =
            self.ca.as_deref().map(|ca| format!(" --ca-file {}", quoted(ca))).unwrap_or_default();
        vec![
            String::new(),
            format!(
                "# People sign in at {authority}, for {audience}. az, PowerShell and Terraform know"
            ),
            "# Entra ID's addresses only and cannot sign in there; pal can:".to_owned(),
            format!("pal cloud register -n {name} --endpoint-resource-manager {url}{ca}"),
            format!("pal cloud set -n {name}"),
            "pal login".to_owned(),
            "pal managementpartner create --partner-id 5127255".to_owned(),
            format!(
                "# Programs send a token of {authority} for {audience} as 'Authorization: Bearer'."
            ),
        ]
    }

    fn login(&self) -> String {
        match &self.demo {
            Some(Demo { tenant, client, secret }) => format!(
                "az login --service-principal --tenant {tenant} -u {client} -p {secret} --allow-no-subscriptions"
            ),
            None => "az login --use-device-code --allow-no-subscriptions".to_owned(),
        }
    }

    /// What is not for the shell, as remarks; and Terraform's variables.
    fn programs(&self) -> Vec<String> {
        let Self { name, url, sign_in: SignInPlace { authority, audience, .. }, .. } = self;
        let host = Url::parse(url).ok().and_then(|url| {
            let host = url.host_str()?.to_owned();
            Some(url.port().map_or(host.clone(), |port| format!("{host}:{port}")))
        });
        [
            "",
            "# Python (azure-identity, azure-mgmt-managementpartner)",
            &format!("#   ClientSecretCredential(tenant, client, secret, authority=\"{authority}\", disable_instance_discovery=True)"),
            &format!("#   ACEProvisioningManagementPartnerAPI(credential, base_url=\"{url}\", credential_scopes=[\"{audience}/.default\"])"),
            "# Node.js (@azure/identity, @azure/arm-managementpartner)",
            &format!("#   new ClientSecretCredential(tenant, client, secret, {{ authorityHost: \"{authority}\", disableInstanceDiscovery: true }})"),
            &format!("#   new ACEProvisioningManagementPartnerAPI(credential, {{ endpoint: \"{url}\", credentialScopes: [\"{audience}/.default\"] }})"),
            "# PowerShell",
            &format!("#   Add-AzEnvironment -Name {name} -ARMEndpoint {url}"),
            "#   Update-AzConfig -DisableInstanceDiscovery $true",
            &format!("#   Connect-AzAccount -Environment {name} -UseDeviceAuthentication"),
            "# Terraform (azapi)",
            "export ARM_ENVIRONMENT=custom ARM_DISABLE_INSTANCE_DISCOVERY=true",
            &format!("export ARM_RESOURCE_MANAGER_ENDPOINT={url} ARM_RESOURCE_MANAGER_AUDIENCE={audience}"),
            &format!("export ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST={authority}"),
            "# Terraform (azurerm)",
            &format!("export ARM_METADATA_HOSTNAME={}", host.unwrap_or_default()),
        ]
        .map(str::to_owned)
        .into()
    }
}

fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
