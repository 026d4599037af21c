//! Policies: which roles, which granularity, which denies, which charges. Data, not code.

use pal_model::{Exclusion, Interval};
use serde::Deserialize;

/// Rules of one programme. Shipped ones are in `data/policies`; an operator adds a file of the
/// same form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub name: String,
    /// Its revision, named by every report.
    pub revision: String,
    pub roles: RoleFilter,
    /// How covered time becomes a weight.
    pub granularity: Granularity,
    /// When a deny assignment takes a path away.
    pub deny: DenyMode,
    /// Charges that are no consumed revenue.
    #[serde(deserialize_with = "exclusions")]
    pub exclude: Vec<Exclusion>,
}

/// Which roles a policy recognises (R14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleFilter {
    All,
    OwnerOrContributor,
    PecTable,
}

/// How covered time becomes a weight (R33).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Granularity {
    /// Covered time ÷ charge period.
    Proportional,
    /// 1 if every instant of the UTC day(s) of the charge period is covered, else 0 (R34).
    WholeDay,
    /// 1 if any instant of the charge period is covered.
    Any,
}

impl Granularity {
    /// The time that is looked at for a charge of `period`.
    pub fn window(self, period: Interval) -> Interval {
        match self {
            Self::Proportional | Self::Any => period,
            Self::WholeDay => period.whole_days(),
        }
    }

    /// The words of the command line and of policy files.
    pub const NAMES: [(&'static str, Self); 3] =
        [("proportional", Self::Proportional), ("whole-day", Self::WholeDay), ("any", Self::Any)];
}

/// When a deny assignment takes a path away (R20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DenyMode {
    /// It must deny every action of the role.
    Full,
    /// Any deny that concerns the path.
    Any,
}

fn exclusions<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Vec<Exclusion>, D::Error> {
    let known = |code: &String| {
        Exclusion::ALL
            .into_iter()
            .find(|e| e.code() == code)
            .ok_or_else(|| serde::de::Error::custom(format!("unknown reason '{code}'")))
    };
    Vec::<String>::deserialize(input)?.iter().map(known).collect()
}

#[derive(Debug, thiserror::Error)]
#[error("not a policy: {0}")]
pub struct PolicyError(#[from] toml::de::Error);

impl Policy {
    const SHIPPED: [&'static str; 3] = [
        include_str!("../data/policies/pal.toml"),
        include_str!("../data/policies/incentive.toml"),
        include_str!("../data/policies/pec.toml"),
    ];

    /// The shipped policies.
    ///
    /// # Errors
    /// None in practice: the files are part of the program, and a test reads them.
    pub fn shipped() -> Result<Vec<Self>, PolicyError> {
        Self::SHIPPED.into_iter().map(Self::read).collect()
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// Not TOML, an unknown or missing field, an unknown word.
    pub fn read(text: &str) -> Result<Self, PolicyError> {
        Ok(toml::from_str(text)?)
    }

    /// Counts rows made by cost allocation rules too.
    #[must_use]
    pub fn keeping_cost_allocation(mut self) -> Self {
        self.exclude.retain(|&e| e != Exclusion::CostAllocation);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_policies_are_the_three_of_the_rules() {
        let shipped = Policy::shipped().unwrap();
        let names: Vec<_> = shipped.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["pal", "incentive", "pec"]);
        assert_eq!(shipped[0].exclude, Exclusion::ALL[..8]);
        assert_eq!(shipped[2].exclude, Exclusion::ALL);
        assert!(Policy::read("name = 'x'").is_err());
    }
}
