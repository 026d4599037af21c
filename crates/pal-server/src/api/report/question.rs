//! What is asked of a report: its columns, its rows, by which policy, and as whom.

use std::sync::atomic::{AtomicBool, AtomicU64};

use pal_attribution::answer::Basis;
use pal_attribution::engine::{EngineError, Only, Options, UnjudgedDenies, View};
use pal_attribution::output::{Format, Origin};
use pal_attribution::policy::Policy;
use pal_attribution::roles::RoleData;
use pal_model::{KeyColumn, Months, PartnerId, SubscriptionId};
use pal_usage::ReportBasis;

use crate::App;
use crate::http::{HttpError, Query, Role, Sight};
use crate::live::Snapshot;

pub struct Question {
    pub policy: Policy,
    /// `None` = the balance.
    pub keys: Option<Vec<KeyColumn>>,
    pub months: Option<Months>,
    pub customer: Option<String>,
    pub subscription: Option<String>,
    pub view: View,
    pub role: Role,
}

impl Question {
    pub fn read(app: &App, sight: &Sight, query: &Query) -> Result<Self, HttpError> {
        let asked = query.word("as", &Role::NAMES.map(|(name, role)| (name, Some(role))), None)?;
        let role = sight.role(asked)?;
        let partner: Option<PartnerId> = query.value("partner")?;
        let balance = query.word("balance", &[("true", true), ("false", false)], false)?;
        if balance && (role != Role::Operator || partner.is_some()) {
            return Err(HttpError::bad_request(
                "A balance adds up over all partners and customers: operators ask for it, without \
                 a partner.",
            ));
        }
        let customer = query.parsed("customer", crate::seals::customer)?;
        let subscription: Option<SubscriptionId> = query.value("subscription")?;
        if balance && (customer.is_some() || subscription.is_some()) {
            return Err(HttpError::bad_request(
                "A balance has no customers and subscriptions: leave out customer and subscription, \
                 or balance.",
            ));
        }
        let keys = query.parsed("group_by", columns)?;
        let mut question = Self {
            policy: query.policy(&app.policies)?,
            keys: (!balance).then(|| keys.unwrap_or_else(|| KeyColumn::DEFAULT.to_vec())),
            months: query.parsed("month", str::parse)?,
            customer,
            subscription: subscription.map(|id| id.to_string()),
            view: sight.view(app, role, partner),
            role,
        };
        let words = [("by-grouping", None), ("counted", Some(false)), ("left-out", Some(true))];
        question.view.without_duplicates =
            query.word("duplicates", &words, None)?.unwrap_or_else(|| {
                partner.is_none() && question.adds_up_locations() && sight.sees_globals_whole(role)
            });
        Ok(question)
    }

    /// Whether no column tells the locations of a global account apart.
    fn adds_up_locations(&self) -> bool {
        let apart = [KeyColumn::PartnerId, KeyColumn::PartnerName, KeyColumn::DuplicateInGlobal];
        self.keys.as_ref().is_some_and(|keys| !keys.iter().any(|key| apart.contains(key)))
    }

    pub fn origin(&self) -> Origin {
        Origin { policy: (self.policy.name.clone(), self.policy.revision.clone()) }
    }

    pub fn basis<'a>(
        &'a self,
        app: &'a App,
        roles: &'a RoleData,
        of: &'a Snapshot,
    ) -> ReportBasis<'a> {
        ReportBasis {
            basis: Basis { facts: &of.known.facts, roles, policy: &self.policy },
            fingerprints: of.known.fingerprints(),
            counted: &of.counted,
            shelf: &app.live.intake.shelf,
        }
    }

    pub fn options<'o>(&'o self, rows: &'o AtomicU64, stop: &'o AtomicBool) -> Options<'o> {
        let mut options = Options::new(rows);
        options.read.stop = Some(stop);
        options.months = self.months;
        options.view = self.view.clone();
        options.only =
            Only { customer: self.customer.as_deref(), subscription: self.subscription.as_deref() };
        options
    }

    pub fn write(
        &self,
        app: &App,
        snapshot: &Snapshot,
        (format, stop): (Format, &AtomicBool),
        unjudged: &UnjudgedDenies,
        out: Box<dyn std::io::Write + Send + '_>,
    ) -> Result<(), EngineError> {
        let rows = AtomicU64::new(0);
        let mut options = self.options(&rows, stop);
        options.unjudged = Some(unjudged);
        let basis = self.basis(app, &app.live.roles, snapshot);
        basis.write(&app.live.composer, self.keys.as_deref(), &options, format, out).map(|_| ())
    }
}

fn columns(text: &str) -> Result<Vec<KeyColumn>, String> {
    let mut keys: Vec<KeyColumn> = Vec::new();
    for name in text.split(',') {
        let key: KeyColumn = name.parse().map_err(|e: pal_model::UnknownColumn| e.to_string())?;
        if keys.contains(&key) {
            return Err(format!("it names {key} twice"));
        }
        keys.push(key);
    }
    Ok(keys)
}
