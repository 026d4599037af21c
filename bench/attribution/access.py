"""Who has access: partners, identities, groups, links, role assignments and delegations, as OpenPAL facts.

Every interval starts and ends at midnight UTC, so a daily charge is covered wholly or not at all.
"""

from collections import defaultdict
from typing import Iterator

import numpy as np

from estate import KINDS, Estate
from roles import ROLES
from size import Size, guid, zipf

MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups/"
OPEN = (None, None)


def random_interval(size: Size, rng: np.random.Generator, open_share: float) -> tuple:
    """(start, end) in days, None = open: always held, ended, begun, or both."""
    if rng.random() < open_share:
        return OPEN
    start, end = sorted(rng.integers(0, size.days + 1, 2).tolist())
    end, luck = max(end, start + 1), rng.random()
    if luck < 0.25:
        return None, end
    return (start, None) if luck < 0.55 else (start, end)


class Access:
    """Draws all of it at once, then `facts` lists it. Indices everywhere, names only in the facts."""

    def __init__(self, estate: Estate, rng: np.random.Generator):
        self.estate, self.size, self.rng = estate, estate.size, rng
        self.draw_partners()
        self.draw_principals()
        self.draw_groups()
        self.index_scopes()
        self.role_odds = self.odds([role.weight for role in ROLES])
        self.delegable_odds = self.odds([role.weight * role.delegable for role in ROLES])

    @staticmethod
    def odds(weights: list[float]) -> np.ndarray:
        return np.array(weights, float) / sum(weights)

    # Partners and identities

    def draw_partners(self) -> None:
        size, rng = self.size, self.rng
        # 5 to 10 digits each.
        wanted = size.partners + size.partners // 5
        ids: dict[str, None] = {}
        while len(ids) < wanted:
            digits = int(rng.integers(5, 11))
            ids[str(int(rng.integers(10 ** (digits - 1), 10**digits)))] = None
        everything = list(ids)
        self.partner_ids, self.global_ids = everything[: size.partners], everything[size.partners:]
        self.partner_tenants = [guid(rng) for _ in range(size.partners)]
        self.partner_weight = zipf(size.partners, 0.9)
        # Partners at work in each customer: more in a bigger one.
        counts = np.rint(size.partners_per_tenant * self.estate.tenant_weight * size.tenants).astype(int)
        self.engaged = [
            rng.choice(size.partners, min(size.partners, max(1, count)), replace=False, p=self.partner_weight)
            for count in counts.tolist()
        ]

    def draw_principals(self) -> None:
        """60 % work for a partner; of those 30 % live in the partner's tenant (Lighthouse), the others
        have an account in the customer's."""
        size, rng = self.size, self.rng
        count = size.principals
        self.principals = [guid(rng) for _ in range(count)]
        self.customer = rng.choice(size.tenants, count, p=self.estate.tenant_weight)
        self.partner = np.full(count, -1)
        for who in range(count):
            engaged = self.engaged[self.customer[who]]
            if rng.random() < 0.6:
                self.partner[who] = engaged[int(len(engaged) * rng.random() ** 1.6)]
        self.remote = (rng.random(count) < 0.3) & (self.partner >= 0)
        self.home = [
            self.partner_tenants[self.partner[who]] if self.remote[who]
            else self.estate.tenants[self.customer[who]]
            for who in range(count)
        ]
        self.people_of = defaultdict(list)
        self.remote_of = defaultdict(list)
        for who in range(count):
            self.people_of[self.home[who]].append(who)
            if self.remote[who]:
                self.remote_of[int(self.customer[who])].append(who)

    def draw_groups(self) -> None:
        size, rng = self.size, self.rng
        homes = sorted(self.people_of)
        weight = self.odds([len(self.people_of[home]) for home in homes])
        self.groups = [guid(rng) for _ in range(size.groups)]
        self.group_home = [homes[int(rng.choice(len(homes), p=weight))] for _ in range(size.groups)]
        self.groups_of = defaultdict(list)
        for group, home in enumerate(self.group_home):
            self.groups_of[home].append(group)

    # Facts

    def facts(self) -> Iterator[dict]:
        yield from self.partner_facts()
        yield from self.tenant_facts()
        for who in range(self.size.principals):
            yield from self.principal_facts(who)
            yield from self.link_facts(who)
        for group in range(self.size.groups):
            yield from self.group_facts(group)
        for _ in range(self.size.assignments):
            yield from self.assignment_fact()
        for _ in range(self.size.delegations):
            yield from self.delegation_fact()

    def fact(self, kind: str, interval: tuple = OPEN, **fields) -> dict:
        start, end = interval
        times = {"from": start, "to": end}
        times = {name: self.size.instant(day) for name, day in times.items() if day is not None}
        return {"kind": kind, **{k: v for k, v in fields.items() if v is not None}, **times}

    def partner_facts(self) -> Iterator[dict]:
        for number, global_id in enumerate(self.global_ids):
            yield self.fact("partner", partner=global_id, name=f"Global {number}", type="global")
        for number, partner in enumerate(self.partner_ids):
            # Two of three belong to a global account; a few are active only part of the time.
            parent = None
            if self.global_ids and number % 3:
                parent = self.global_ids[number % len(self.global_ids)]
            interval = random_interval(self.size, self.rng, 0.97)
            yield self.fact("partner", interval, partner=partner, name=f"Partner {number}",
                            type="location", parent=parent, homeTenant=self.partner_tenants[number])

    def tenant_facts(self) -> Iterator[dict]:
        estate = self.estate
        for number, tenant in enumerate(estate.tenants):
            yield self.fact("tenant", tenant=tenant, name=f"Customer {number}",
                            domain=f"customer{number}.example")
            for name, parent, start, end in estate.parents[number]:
                yield self.fact("managementGroup", (start, end), tenant=tenant, name=name,
                                displayName=name.upper(), parent=None if parent == tenant else parent)
        for number, tenant in enumerate(self.partner_tenants):
            yield self.fact("tenant", tenant=tenant, name=f"Partner {number}",
                            domain=f"partner{number}.example")
        for number, subscription in enumerate(estate.subscriptions):
            for stay in estate.stays[number]:
                owner, group = estate.tenants[stay.tenant], stay.management_group
                yield self.fact("subscription", (stay.start, stay.end), tenant=owner,
                                subscription=subscription, name=f"sub-{number}",
                                managementGroup=None if group == owner else group)

    def principal_facts(self, who: int) -> Iterator[dict]:
        rng, days = self.rng, self.size.days
        kind = ["User", "ServicePrincipal", "ManagedIdentity"][int(rng.choice(3, p=[0.8, 0.15, 0.05]))]
        guest = self.partner[who] >= 0 and not self.remote[who]
        common = dict(tenant=self.home[who], object=self.principals[who], type=kind, name=f"Principal {who}",
                      userType=("Guest" if guest else "Member") if kind == "User" else None)
        luck = rng.random()
        if luck < 0.06:
            # Switched off for a while: said so, or no fact at all in the gap.
            start, end = sorted(rng.choice(np.arange(1, days), 2, replace=False).tolist())
            yield self.fact("principal", (None, start), **common)
            if luck < 0.03:
                yield self.fact("principal", (start, end), **common, enabled=False)
            yield self.fact("principal", (end, None), **common)
        elif luck < 0.09:
            yield self.fact("principal", (None, int(rng.integers(1, days + 1))), **common)
        elif luck >= 0.095:
            yield self.fact("principal", **common)
        # The rest, one in two hundred: never known.

    def link_facts(self, who: int) -> Iterator[dict]:
        if self.partner[who] < 0:
            return
        rng = self.rng
        common = dict(tenant=self.home[who], object=self.principals[who])
        partner, luck = self.partner_ids[self.partner[who]], rng.random()
        if luck < 0.10:
            # Changed to another partner.
            day = int(rng.integers(1, self.size.days))
            other = self.partner_ids[int(rng.choice(self.size.partners, p=self.partner_weight))]
            yield self.fact("link", (None, day), **common, partner=partner)
            yield self.fact("link", (day, None), **common, partner=other)
        else:
            yield self.fact("link", random_interval(self.size, rng, 0.83), **common, partner=partner)

    def group_facts(self, group: int) -> Iterator[dict]:
        rng, home, name = self.rng, self.group_home[group], self.groups[group]
        if rng.random() >= 0.01:
            # One in a hundred is not known as a group; a few exist only part of the time.
            yield self.fact("principal", random_interval(self.size, rng, 0.96), tenant=home, object=name,
                            type="Group", name=f"Group {group}")
        people = self.people_of[home]
        for who in rng.choice(people, min(len(people), int(rng.integers(2, 30)))).tolist():
            yield self.fact("membership", random_interval(self.size, rng, 0.75), tenant=home, group=name,
                            member=self.principals[who])
        siblings = self.groups_of[home]
        inner = siblings[int(rng.integers(0, len(siblings)))]
        if inner != group and rng.random() < 0.35:
            # Nesting without a plan: some of these close a circle.
            yield self.fact("membership", random_interval(self.size, rng, 0.8), tenant=home, group=name,
                            member=self.groups[inner])

    # Grants

    def skewed(self, items):
        """A pick that prefers the first ones."""
        return items[int(len(items) * self.rng.random() ** 2.2)]

    def spelled(self, scope: str) -> str:
        """Scopes come in several casings."""
        luck = self.rng.random()
        if luck < 0.6:
            return scope
        return scope.lower() if luck < 0.9 else scope.replace("resourceGroups", "RESOURCEGROUPS")

    def scope(self, tenant: int) -> tuple[str, int | None]:
        """Something of this customer, and the subscription it is in, if any."""
        estate, luck = self.estate, self.rng.random()
        if luck < 0.003:
            return "/", None
        if luck < 0.03:
            names = estate.management_groups[tenant]
            return MANAGEMENT_GROUP + names[int(self.rng.integers(0, len(names)))], None
        if luck < 0.18:
            number = int(self.skewed(self.subscriptions[tenant]))
            return f"/subscriptions/{estate.subscriptions[number]}", number
        if luck < 0.65:
            group = int(self.skewed(self.resource_groups[tenant]))
            return estate.group_scope(group), int(estate.group_subscription[group])
        resource = int(self.skewed(self.resources[tenant]))
        scope = estate.resource_id[resource]
        if KINDS[estate.resource_kind[resource]].parent and self.rng.random() < 0.5:
            scope = scope.rsplit("/", 2)[0]
        return scope, int(estate.group_subscription[estate.resource_group[resource]])

    def index_scopes(self) -> None:
        tenants = range(self.size.tenants)
        self.subscriptions = [self.estate.subscriptions_of(tenant) for tenant in tenants]
        self.resource_groups = [self.estate.groups_of(tenant) for tenant in tenants]
        self.resources = [self.estate.resources_of(tenant) for tenant in tenants]

    def directory(self, tenant: int, subscription: int | None) -> int:
        """The tenant that keeps the assignment: one that has the subscription at some time, rarely a wrong one."""
        if self.rng.random() < 0.005:
            return int(self.rng.integers(0, self.size.tenants))
        if subscription is None:
            return tenant
        stays = self.estate.stays[subscription]
        return stays[int(self.rng.integers(0, len(stays)))].tenant

    def assignment_fact(self) -> Iterator[dict]:
        rng = self.rng
        customer = int(rng.choice(self.size.tenants, p=self.estate.tenant_weight))
        scope, subscription = self.scope(customer)
        tenant = self.estate.tenants[self.directory(customer, subscription)]
        groups, people = self.groups_of[tenant], self.people_of[tenant]
        if groups and rng.random() < 0.25:
            principal = self.groups[self.skewed(groups)]
        elif people:
            principal = self.principals[self.skewed(people)]
        else:
            return
        role = ROLES[int(rng.choice(len(ROLES), p=self.role_odds))]
        yield self.fact("roleAssignment", random_interval(self.size, rng, 0.55), tenant=tenant, id=guid(rng),
                        principal=principal, role=role.guid, scope=self.spelled(scope),
                        eligible=True if rng.random() < 0.03 else None)

    def delegation_fact(self) -> Iterator[dict]:
        rng, estate = self.rng, self.estate
        number = int(rng.choice(self.size.subscriptions, p=estate.subscription_weight))
        people = self.remote_of[int(estate.subscription_tenant[number])]
        if not people:
            return
        managing = self.home[people[int(rng.integers(0, len(people)))]]
        scope = f"/subscriptions/{estate.subscriptions[number]}"
        inside = np.flatnonzero(estate.group_subscription == number)
        if rng.random() < 0.3:
            scope = estate.group_scope(int(self.skewed(inside)))
        stays = estate.stays[number]
        customer = stays[int(rng.integers(0, len(stays)))].tenant
        yield self.fact("delegation", random_interval(self.size, rng, 0.6), tenant=estate.tenants[customer],
                        id=guid(rng), scope=self.spelled(scope), managingTenant=managing,
                        authorizations=[self.authorization(managing) for _ in range(int(rng.integers(1, 4)))])

    def authorization(self, managing: str) -> dict:
        rng = self.rng
        groups, people = self.groups_of[managing], self.people_of[managing]
        if groups and rng.random() < 0.4:
            principal = self.groups[groups[int(rng.integers(0, len(groups)))]]
        else:
            principal = self.principals[people[int(rng.integers(0, len(people)))]]
        role = ROLES[int(rng.choice(len(ROLES), p=self.delegable_odds))]
        entry = {"principal": principal, "role": role.guid}
        return entry | ({"eligible": True} if rng.random() < 0.05 else {})
