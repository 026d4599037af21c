//! Access that was taken away, and said to be, is not credited any more: by no report, however soon
//! it is asked for (P7).
//!
//! Each round has a day, a customer's subscription and an account of its own. The account has access
//! and a link from midnight. At noon one of the ways to end it is taken; the report that is asked for
//! next must credit half of the day's charge, and the one without the end would credit all.

use crate::service::support::{FABRIKAM, OPERATOR, World};

const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
/// After the last day that there is.
const LATER: &str = "2036-01-01T00:00:00Z";
const MANAGING: &str = "c0750000-0000-4000-8000-000000000000";

/// How credit ends.
#[derive(Debug, Clone, Copy)]
enum End {
    Unlinked,
    Relinked,
    Disabled,
    Deleted,
    RoleRemoved,
    LeftTheGroup,
    GroupRemoved,
    DelegationRemoved,
    SubscriptionMoved,
}

const ENDS: [End; 9] = [
    End::Unlinked,
    End::Relinked,
    End::Disabled,
    End::Deleted,
    End::RoleRemoved,
    End::LeftTheGroup,
    End::GroupRemoved,
    End::DelegationRemoved,
    End::SubscriptionMoved,
];

struct Round {
    number: usize,
    end: End,
    day: String,
}

impl Round {
    fn new(number: usize) -> Self {
        // Days of 2026 and after, one a round.
        let day = jiff::civil::date(2026, 6, 1)
            .saturating_add(jiff::Span::new().days(i64::try_from(number).unwrap()));
        Self { number, end: ENDS[number % ENDS.len()], day: day.to_string() }
    }

    fn id(&self, kind: &str) -> String {
        format!("fab00000-{kind}-4000-8000-{:012x}", self.number + 0x0100_0000)
    }

    fn by_delegation(&self) -> bool {
        matches!(self.end, End::DelegationRemoved)
    }

    fn tenant(&self) -> &'static str {
        if self.by_delegation() { MANAGING } else { FABRIKAM }
    }

    /// The facts of the round; those that end at noon end there, if `ended`.
    fn facts(&self, ended: bool) -> String {
        let (tenant, account) = (self.tenant(), self.id("1000"));
        let (group, subscription) = (self.id("2000"), self.id("5000"));
        let to = |here: bool| {
            if ended && here {
                format!(",\"to\":\"{}T12:00:00Z\"", self.day)
            } else {
                String::new()
            }
        };
        let is = |end: fn(&End) -> bool| end(&self.end);
        let deleted = to(is(|e| matches!(e, End::Deleted)));
        let role = to(is(|e| matches!(e, End::RoleRemoved)));
        let member = to(is(|e| matches!(e, End::LeftTheGroup)));
        let whole_group = to(is(|e| matches!(e, End::GroupRemoved)));
        let delegation = to(is(|e| matches!(e, End::DelegationRemoved)));
        let moved = to(is(|e| matches!(e, End::SubscriptionMoved)));
        let mut lines = vec![format!(
            "{{\"kind\":\"principal\",\"tenant\":\"{tenant}\",\"object\":\"{account}\",\"type\":\"User\"{deleted}}}\n\
             {{\"kind\":\"principal\",\"tenant\":\"{tenant}\",\"object\":\"{group}\",\"type\":\"Group\"{whole_group}}}\n\
             {{\"kind\":\"membership\",\"tenant\":\"{tenant}\",\"group\":\"{group}\",\"member\":\"{account}\"{member}}}\n\
             {{\"kind\":\"subscription\",\"tenant\":\"{FABRIKAM}\",\"subscription\":\"{subscription}\"{moved}}}"
        )];
        if ended && matches!(self.end, End::Disabled) {
            lines.push(format!(
                "{{\"kind\":\"principal\",\"tenant\":\"{tenant}\",\"object\":\"{account}\",\"type\":\"User\",\"enabled\":false,\"from\":\"{}T12:00:00Z\"}}",
                self.day
            ));
        }
        if ended && matches!(self.end, End::SubscriptionMoved) {
            lines.push(format!(
                "{{\"kind\":\"subscription\",\"tenant\":\"{MANAGING}\",\"subscription\":\"{subscription}\",\"from\":\"{}T12:00:00Z\"}}",
                self.day
            ));
        }
        let number = self.number;
        lines.push(if self.by_delegation() {
            format!(
                "{{\"kind\":\"delegation\",\"tenant\":\"{FABRIKAM}\",\"id\":\"d{number}\",\"scope\":\"/subscriptions/{subscription}\",\
                 \"managingTenant\":\"{MANAGING}\",\"authorizations\":[{{\"principal\":\"{group}\",\"role\":\"{CONTRIBUTOR}\"}}]{delegation}}}"
            )
        } else {
            let through_group = matches!(self.end, End::LeftTheGroup | End::GroupRemoved);
            let holder = if through_group { &group } else { &account };
            format!(
                "{{\"kind\":\"roleAssignment\",\"tenant\":\"{FABRIKAM}\",\"id\":\"r{number}\",\"principal\":\"{holder}\",\
                 \"role\":\"{CONTRIBUTOR}\",\"scope\":\"/subscriptions/{subscription}\"{role}}}"
            )
        });
        lines.join("\n")
    }

    fn charge(&self) -> String {
        let next = self.day.parse::<jiff::civil::Date>().unwrap().tomorrow().unwrap();
        let subscription = self.id("5000");
        format!(
            "{}T00:00:00Z,{next}T00:00:00Z,10,EUR,Usage,/subscriptions/{subscription}/resourceGroups/rg,\
             /subscriptions/{subscription}\n",
            self.day
        )
    }

    async fn ask(&self, world: &World, method: &str, partner: &str) {
        let path = format!(
            "/providers/Microsoft.ManagementPartner/partners/{partner}?api-version=2018-02-01"
        );
        let token = world.token_until(self.tenant(), &self.id("1000"), LATER);
        let answer = world.call(method, path, &token).await;
        assert_eq!(answer.status, 200, "round {}: {}", self.number, answer.text());
    }

    /// What 5127255 is credited with.
    async fn credited(&self, world: &World) -> String {
        let path =
            "/api/v1/reports?format=csv&as=operator&partner=5127255&group_by=subscription_id"
                .to_owned();
        let answer = world.call("GET", path, &world.token_until(FABRIKAM, OPERATOR, LATER)).await;
        let (text, subscription) = (answer.text(), self.id("5000"));
        let row = text.lines().find(|line| line.starts_with(&subscription)).unwrap_or_default();
        row.rsplit(',').next().unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn p07_what_has_ended_is_not_credited_by_the_next_report() {
    let rounds = std::env::var("PAL_ROUNDS").map_or(90, |text| text.parse().unwrap());
    let world = World::new().await;
    for round in (0..rounds).map(Round::new) {
        let header = "ChargePeriodStart,ChargePeriodEnd,EffectiveCost,BillingCurrency,ChargeCategory,\
                      ResourceId,SubAccountId\n";
        world.usage(&format!("{header}{}", round.charge())).await;
        world.at(&format!("{}T00:00:00Z", round.day));
        world.import(&round.facts(false)).await;
        round.ask(&world, "PUT", "5127255").await;
        assert_eq!(round.credited(&world).await, "10.0000000000", "{:?}", round.end);
        world.at(&format!("{}T12:00:00Z", round.day));
        match round.end {
            End::Unlinked => round.ask(&world, "DELETE", "5127255").await,
            End::Relinked => round.ask(&world, "PATCH", "5127256").await,
            _ => world.import(&round.facts(true)).await,
        }
        assert_eq!(
            round.credited(&world).await,
            "5.0000000000",
            "round {}: {:?}",
            round.number,
            round.end
        );
    }
}
