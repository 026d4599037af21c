//! The clouds that are known, and which one is current: `clouds.json`.

use serde::{Deserialize, Serialize};

use super::{AZURE, Cloud};
use crate::config_dir::ConfigDir;
use crate::printer::Failure;

const FILE: &str = "clouds.json";

/// The clouds of one person.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Registry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    current: Option<String>,
    #[serde(default)]
    clouds: Vec<Cloud>,
}

impl Registry {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// When it is there and cannot be read.
    pub fn load(dir: &ConfigDir) -> Result<Self, Failure> {
        Ok(dir.read(FILE)?.unwrap_or_default())
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn save(&self, dir: &ConfigDir) -> Result<(), Failure> {
        dir.write(FILE, self)
    }

    /// All clouds, those that everybody knows first.
    pub fn all(&self) -> Vec<Cloud> {
        Cloud::built_in().into_iter().chain(self.clouds.iter().cloned()).collect()
    }

    /// The name of the current cloud.
    pub fn current(&self) -> &str {
        self.current.as_deref().unwrap_or(AZURE)
    }

    /// A cloud by its name, in any case.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn find(&self, name: &str) -> Result<Cloud, Failure> {
        self.all().into_iter().find(|cloud| cloud.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
            let names: Vec<String> = self.all().into_iter().map(|cloud| cloud.name).collect();
            Failure::failed(format!(
                "The cloud '{name}' is not registered. Known are {}.\nTo add one: pal cloud register -n {name} --endpoint-resource-manager <URL>",
                names.join(", ")
            ))
        })
    }

    /// Adds a cloud, or takes the place of one that `pal cloud register` added before.
    ///
    /// # Errors
    ///
    /// When everybody knows a cloud of this name.
    pub fn add(&mut self, cloud: Cloud) -> Result<(), Failure> {
        self.refuse_built_in(&cloud.name)?;
        self.clouds.retain(|other| !other.name.eq_ignore_ascii_case(&cloud.name));
        self.clouds.push(cloud);
        self.clouds.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(())
    }

    /// Makes a cloud the current one.
    ///
    /// # Errors
    ///
    /// When there is none of this name.
    pub fn set(&mut self, name: &str) -> Result<Cloud, Failure> {
        let cloud = self.find(name)?;
        self.current = Some(cloud.name.clone());
        Ok(cloud)
    }

    /// Forgets a cloud; if it was current, Azure is.
    ///
    /// # Errors
    ///
    /// When there is none of this name, or everybody knows it.
    pub fn remove(&mut self, name: &str) -> Result<Cloud, Failure> {
        self.refuse_built_in(name)?;
        let cloud = self.find(name)?;
        self.clouds.retain(|other| other.name != cloud.name);
        self.current.take_if(|current| *current == cloud.name);
        Ok(cloud)
    }

    #[expect(clippy::unused_self, reason = "a rule of the registry")]
    fn refuse_built_in(&self, name: &str) -> Result<(), Failure> {
        if Cloud::built_in().iter().any(|cloud| cloud.name.eq_ignore_ascii_case(name)) {
            return Err(Failure::failed(format!(
                "The cloud '{name}' is built in; it cannot be changed or removed. Choose another name."
            )));
        }
        Ok(())
    }
}
