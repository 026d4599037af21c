//! `access-without-link`.

use super::said::{self, Facts, says};
use super::{carla, fabrikam};

#[test]
fn access_without_link() {
    let carla_is =
        |person: &str| carla("to=2026-02-01T00:00:00Z", "").person("$example", "carl", person);
    let said = "access-without-link | info | 111111 | $example | $carla of $example | – | – | No \
                link of carla ($carla) of Example (111111), who has access by delegation to \
                Fabrikam ($fabrikam) | f:3 f:6 f:8";
    // Carla's link is over. Carl has no access.
    says(&carla_is(""), &[said]);
    // By a group: Carl, too.
    let group = carla_is("")
        .add("principal", "tenant=$example object=$pipeline type=Group")
        .add("membership", "tenant=$example group=$pipeline member=$carl");
    let carl = "access-without-link | info | 111111 | $example | $carl of $example | – | – | No link \
                of carl ($carl) of Example (111111), who has access by delegation to Fabrikam \
                ($fabrikam) | f:3 f:8 f:9";
    says(&group.clone(), &[carl, said]);
    // Under a policy that counts no Reader, there would be nothing for Carl.
    assert_eq!(said::of(&group, "incentive").len(), 1);
}

#[test]
fn access_without_link_only_of_people_who_belong_to_the_partner() {
    let person = |rest: &str| {
        Facts::default()
            .add("subscription", "tenant=$fabrikam subscription=$prod")
            .add("partner", "partner=111111 type=location homeTenant=$example")
            .add("delegation", "tenant=$fabrikam id=d scope=/subscriptions/$prod managingTenant=$example authorizations=[$carla:Reader]")
            .add("principal", &format!("tenant=$example object=$carla {rest}"))
    };
    assert_eq!(said::codes(&person("type=User")), ["access-without-link"]);
    for other in ["type=User userType=Guest", "type=User enabled=false", "type=ServicePrincipal"] {
        says(&person(other), &[]);
    }
    // Linked, be it to somebody else.
    let other = "tenant=$example object=$carla partner=222222";
    let linked = person("type=User").add("partner", "partner=222222 type=location");
    says(&linked.add("link", other), &[]);
    // Whose directory it is, no fact says.
    let nobody = person("type=User").without("partner");
    says(&nobody, &[]);
    // A guest of a customer: no fact says from where.
    says(&fabrikam().person("$fabrikam", "alice", "").contributor("alice", ""), &[]);
}
