//! Whether az on this machine can work with a cloud: read from its own files, without running it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Check, fail, note, ok};
use crate::cloud::Cloud;

/// What az's files say.
pub fn look(cloud: &Cloud) -> Vec<Check> {
    if Cloud::built_in().contains(cloud) {
        return Vec::new();
    }
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = set("HOME").or_else(|| set("USERPROFILE"));
    let folder = set("AZURE_CONFIG_DIR").or_else(|| home.map(|home| home.join(".azure")));
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        return vec![note("az", "not used on this machine")];
    };
    let config = sections(&folder.join("config"));
    vec![discovery(&config), trust(cloud), registered(cloud, &folder)]
}

fn discovery(config: &Sections) -> Check {
    let variable = std::env::var("AZURE_CORE_INSTANCE_DISCOVERY").ok();
    let kept = config.get("core").and_then(|core| core.get("instance_discovery"));
    let value = variable.as_ref().or(kept).map(|value| value.to_ascii_lowercase());
    if matches!(value.as_deref(), Some("false" | "no" | "off" | "0")) {
        return ok("az: discovery", "core.instance_discovery is off");
    }
    fail(
        "az: discovery",
        "az would ask Microsoft whether it knows this cloud, and stop",
        "az config set core.instance_discovery=false",
    )
}

fn trust(cloud: &Cloud) -> Check {
    let Some(ca) = &cloud.ca_file else {
        return note("az: trust", "the cloud has no CA file of its own");
    };
    let mend = "pal az setup; it prints the line that sets REQUESTS_CA_BUNDLE";
    let Some(bundle) = std::env::var_os("REQUESTS_CA_BUNDLE").filter(|value| !value.is_empty())
    else {
        return fail(
            "az: trust",
            "REQUESTS_CA_BUNDLE is not set; az does not trust the cloud's CA",
            mend,
        );
    };
    let bundle = PathBuf::from(bundle);
    let body = |text: &str| text.lines().map(str::trim).collect::<String>();
    let (Ok(bundled), Ok(ca)) = (std::fs::read_to_string(&bundle), std::fs::read_to_string(ca))
    else {
        return fail("az: trust", format!("{} cannot be read", bundle.display()), mend);
    };
    if body(&bundled).contains(&body(&ca)) {
        return ok(
            "az: trust",
            format!("REQUESTS_CA_BUNDLE has the cloud's CA ({})", bundle.display()),
        );
    }
    fail("az: trust", format!("{} does not have the cloud's CA", bundle.display()), mend)
}

fn registered(cloud: &Cloud, folder: &Path) -> Check {
    let clouds = sections(&folder.join("clouds.config"));
    let found = clouds.iter().find(|(_, values)| {
        let manager = values.get("endpoint_resource_manager");
        manager.is_some_and(|url| {
            url.trim_end_matches('/').eq_ignore_ascii_case(&cloud.resource_manager)
        })
    });
    let Some((name, _)) = found else {
        let mend = format!(
            "az cloud register -n {} --endpoint-resource-manager {}",
            cloud.name, cloud.resource_manager
        );
        return fail("az: cloud", "az does not know the cloud", mend);
    };
    let config = sections(&folder.join("config"));
    let current = config.get("cloud").and_then(|values| values.get("name"));
    if current == Some(name) {
        return ok("az: cloud", format!("registered as {name}, and current"));
    }
    note("az: cloud", format!("registered as {name}; to use it: az cloud set -n {name}"))
}

type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// A file of sections and values; nothing where there is none.
fn sections(path: &Path) -> Sections {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut all = Sections::new();
    let mut name = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(inner) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name = crate::clean::cell(inner);
        } else if let Some((key, value)) =
            line.split_once('=').filter(|_| !line.starts_with(['#', ';']))
        {
            let values = all.entry(name.clone()).or_default();
            values.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    all
}
