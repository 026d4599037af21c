//! Any number of a report can be explained: the amount of its explanation is the report's, for an
//! operator and for the partner itself, and the reference evaluator comes to the same. On generated
//! worlds, whose reports are grouped by subscription, resource group and resource.
//!
//! `PAL_CELLS` sets how many cells are looked at, `PAL_FIRST_WORLD` the first seed.

use crate::support::world;

use std::collections::BTreeMap;

use pal_attribution::engine::evaluate_charges;
use pal_attribution::explain::{AmountsQuestion, Audience, amounts_of};
use pal_attribution::policy::Policy;
use pal_attribution::roles::RoleData;
use pal_model::{
    Charge, Exact, Facts, KeyColumn, PartnerId, PrivacyLevel, Row, ScopePath, TenantId, chain_of,
    fold,
};

/// Key columns of the reports: by subscription, by group, by resource.
const REPORTS: [&[KeyColumn]; 3] = [
    &[KeyColumn::SubscriptionId],
    &[KeyColumn::SubscriptionId, KeyColumn::ResourceGroup],
    &[KeyColumn::ResourceId],
];

/// A number of a report.
struct Cell {
    month: (i16, i8),
    partner: PartnerId,
    currency: String,
    scope: ScopePath,
    credited: i128,
    charges: u64,
}

/// What was looked at.
#[derive(Debug, Default)]
struct Told {
    cells: u64,
    /// By subscription, by group, by resource.
    of: [u64; 3],
    /// Cells of several resources: rows that are billed to another subscription or group than their
    /// resource is in, and resources below the resource of the cell.
    left_out: u64,
}

/// A row of one of [`REPORTS`]; nothing if it has no scope.
fn cell(kind: usize, row: &Row) -> Option<Cell> {
    let [month, partner, currency, first, rest @ ..] = &row.keys[..] else {
        panic!("{:?}", row.keys)
    };
    let first = first.clone()?;
    let scope = match (kind, rest) {
        (0, _) => format!("/subscriptions/{first}"),
        (1, [group]) => format!("/subscriptions/{first}/resourceGroups/{}", group.as_ref()?),
        _ => first,
    };
    let (year, month) = month.as_ref()?.split_once('-').unwrap();
    Some(Cell {
        month: (year.parse().unwrap(), month.parse().unwrap()),
        partner: partner.as_ref()?.parse().unwrap(),
        currency: currency.clone()?,
        scope: scope.parse().ok()?,
        credited: row.credited_cost,
        charges: row.charges,
    })
}

/// Where a charge is, in plain words: its resource; else its group; else its subscription. Folded.
fn place(charge: &Charge) -> Option<String> {
    let subscription = || charge.subscription.as_ref().map(|id| format!("/subscriptions/{id}"));
    let group =
        || Some(format!("{}/resourcegroups/{}", subscription()?, charge.resource_group.as_ref()?));
    let place = charge.resource.clone().or_else(group).or_else(subscription)?;
    Some(fold(place.trim_end_matches('/')))
}

/// Whether the charges of a cell are those of its scope and below: those at which the number of the
/// cell can be compared. `columns` = the report's columns of a charge, as a path.
fn is_one_scope(cell: &Cell, kind: usize, charges: &[Charge]) -> bool {
    charges.iter().all(|charge| {
        let Some(place) = place(charge) else { return true };
        let below = chain_of(&place).contains(&cell.scope.folded());
        let in_cell = match kind {
            0 => billed(charge).is_some_and(|billed| billed == cell.scope.folded()),
            1 => {
                let group = charge.resource_group.clone().or_else(|| {
                    let mut segments = place.split('/').skip(4);
                    place
                        .contains("/resourcegroups/")
                        .then(|| segments.next()?.to_owned().into())?
                });
                let path = billed(charge).zip(group);
                path.is_some_and(|(billed, group)| {
                    format!("{billed}/resourcegroups/{}", fold(&group)) == cell.scope.folded()
                })
            }
            _ => charge.resource.is_some() && place == cell.scope.folded(),
        };
        below == in_cell
    })
}

/// The billed subscription, or the resource's where none is named.
fn billed(charge: &Charge) -> Option<String> {
    let own = charge.subscription.as_ref().map(|id| fold(&format!("/subscriptions/{id}")));
    let place = place(charge)?;
    own.or_else(|| {
        chain_of(&place)
            .last()
            .filter(|top| top.starts_with("/subscriptions/"))
            .map(|top| (*top).to_owned())
    })
}

struct Case<'a> {
    facts: &'a Facts,
    roles: &'a RoleData,
    policy: &'a Policy,
    charges: &'a [Charge],
}

impl Case<'_> {
    /// The amount that is explained to a reader.
    fn explained(&self, cell: &Cell, audience: &Audience) -> Result<(), String> {
        let (scope, month, partner) = (&cell.scope, cell.month, Some(cell.partner));
        let asked = AmountsQuestion { scope, month, partner, audience, cut: None };
        let found = amounts_of(self.facts, self.roles, self.policy, &asked, self.charges);
        let found = found.map_err(|error| error.to_string())?;
        let row = found.rows.iter().find(|row| row.currency == cell.currency);
        let row = row.ok_or("nothing is credited")?;
        let sums = row.sums.as_ref().ok_or("no sums")?;
        let expected = Exact::print_rounded(cell.credited);
        if !row.equal || sums.credited_cost != expected || row.charges != cell.charges {
            return Err(format!("the report has {expected} of {} charges: {row:?}", cell.charges));
        }
        Ok(())
    }
}

fn compare(seed: u64, roles: &RoleData, told: &mut Told) -> Result<(), String> {
    let world = world::world(seed);
    let mut facts = Facts::default();
    facts.read("facts.jsonl", &world.facts, None).map_err(|e| e.to_string())?;
    roles.resolve_names(&mut facts).map_err(|e| e.to_string())?;
    facts.check().map_err(|e| e.to_string())?;
    let tenants = facts.subscriptions.iter().map(|s| s.fact.tenant);
    let privacy: BTreeMap<TenantId, PrivacyLevel> =
        tenants.map(|tenant| (tenant, PrivacyLevel::Full)).collect();
    let case = Case { facts: &facts, roles, policy: &world.policy, charges: &world.charges };
    for (kind, more) in REPORTS.iter().enumerate() {
        let common = [KeyColumn::Month, KeyColumn::PartnerId, KeyColumn::Currency];
        let keys = [&common[..], more].concat();
        let (rows, _) = evaluate_charges(&facts, roles, &world.policy, &world.charges, &keys)
            .map_err(|e| e.to_string())?;
        for row in rows {
            let Some(cell) = cell(kind, &row) else { continue };
            let month =
                |c: &&Charge| c.period.from().month() == cell.month && c.currency == cell.currency;
            let of_month: Vec<Charge> = world.charges.iter().filter(month).cloned().collect();
            if !is_one_scope(&cell, kind, &of_month) {
                told.left_out += 1;
                continue;
            }
            let partners = [cell.partner].into();
            let own = Audience::Partner { partners, money: true, privacy: privacy.clone() };
            for audience in [Audience::Everything, own] {
                case.explained(&cell, &audience).map_err(|wrong| {
                    format!("{} {:?}, {audience:?}: {wrong}", cell.scope, row.keys)
                })?;
            }
            told.cells += 1;
            told.of[kind] += 1;
        }
    }
    Ok(())
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn every_number_is_explained_by_its_number() {
    let roles = RoleData::shipped().unwrap();
    let (first, wanted) = (setting("PAL_FIRST_WORLD", 0), setting("PAL_CELLS", 1000));
    let mut told = Told::default();
    let mut seed = first;
    while told.cells < wanted {
        if let Err(wrong) = compare(seed, &roles, &mut told) {
            panic!("world {seed}: {wrong}");
        }
        seed += 1;
    }
    eprintln!("{} worlds: {told:?}", seed - first);
    assert!(told.of.iter().all(|kind| kind * 10 > wanted), "{told:?}");
    assert!(told.left_out < told.cells * 2, "{told:?}");
}
