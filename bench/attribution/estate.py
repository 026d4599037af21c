"""Customers' Azure: tenants, management groups, subscriptions, resource groups, resources."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from size import Size, guid, shuffled_zipf, zipf

# Share of subscriptions that change management group, that change tenant, that are not known from the start.
MOVED_GROUP, MOVED_TENANT, LATE = 0.06, 0.01, 0.01
MOVED_MANAGEMENT_GROUP = 0.05


class Kind(NamedTuple):
    """A kind of resource. `parent` is the type of its parent resource, if it is a child."""

    namespace: str
    parent: str | None
    type: str
    service: str
    category: str
    weight: float
    in_group: bool = True


KINDS = [
    Kind("Microsoft.Compute", None, "virtualMachines", "Virtual Machines", "Compute", 22),
    Kind("Microsoft.Compute", None, "disks", "Virtual Machines", "Storage", 24),
    Kind("Microsoft.Storage", None, "storageAccounts", "Storage Accounts", "Storage", 16),
    Kind("Microsoft.Network", None, "publicIPAddresses", "Virtual Network", "Networking", 8),
    Kind("Microsoft.Network", None, "loadBalancers", "Load Balancer", "Networking", 4),
    Kind("Microsoft.Sql", "servers", "databases", "SQL Database", "Databases", 8),
    Kind("Microsoft.Web", None, "sites", "Azure App Service", "Web", 6),
    Kind("Microsoft.KeyVault", None, "vaults", "Key Vault", "Security", 4),
    Kind("Microsoft.OperationalInsights", None, "workspaces", "Log Analytics",
         "Management and Governance", 3),
    Kind("Microsoft.ContainerService", None, "managedClusters", "Azure Kubernetes Service", "Compute", 2),
    Kind("Microsoft.CognitiveServices", None, "accounts", "Azure AI services",
         "AI and Machine Learning", 2),
    Kind("Microsoft.Synapse", "workspaces", "bigDataPools", "Azure Synapse Analytics", "Analytics", 1),
    # Lives in the subscription itself, outside any resource group.
    Kind("Microsoft.Security", None, "pricings", "Microsoft Defender for Cloud", "Security", 0.5,
         in_group=False),
]


class Stay(NamedTuple):
    """A subscription under one management group of one tenant, [start, end) in days, None = open."""

    tenant: int
    management_group: str
    start: int | None
    end: int | None


@dataclass
class Estate:
    size: Size
    tenants: list[str] = field(default_factory=list)
    tenant_weight: np.ndarray = None
    # Names per tenant; the first is the tenant's own id, the tenant root group.
    management_groups: list[list[str]] = field(default_factory=list)
    # Per tenant: (name, parent, start, end).
    parents: list[list[tuple]] = field(default_factory=list)
    subscriptions: list[str] = field(default_factory=list)
    stays: list[list[Stay]] = field(default_factory=list)
    # Tenant at the start: whose billing account pays.
    subscription_tenant: np.ndarray = None
    subscription_weight: np.ndarray = None
    group_subscription: np.ndarray = None
    group_name: list[str] = field(default_factory=list)
    resource_group: np.ndarray = None
    resource_kind: np.ndarray = None
    resource_id: list[str] = field(default_factory=list)

    def group_scope(self, group: int) -> str:
        subscription = self.subscriptions[self.group_subscription[group]]
        return f"/subscriptions/{subscription}/resourceGroups/{self.group_name[group]}"

    def groups_of(self, tenant: int) -> np.ndarray:
        return np.flatnonzero(self.subscription_tenant[self.group_subscription] == tenant)

    def resources_of(self, tenant: int) -> np.ndarray:
        owner = self.subscription_tenant[self.group_subscription]
        return np.flatnonzero(owner[self.resource_group] == tenant)

    def subscriptions_of(self, tenant: int) -> np.ndarray:
        return np.flatnonzero(self.subscription_tenant == tenant)


def build(size: Size, rng: np.random.Generator) -> Estate:
    estate = Estate(size)
    estate.tenants = [guid(rng) for _ in range(size.tenants)]
    estate.tenant_weight = zipf(size.tenants, 0.7)
    for tenant in estate.tenants:
        add_management_groups(estate, tenant, rng)
    add_subscriptions(estate, rng)
    add_resource_groups(estate, rng)
    add_resources(estate, rng)
    return estate


def add_management_groups(estate: Estate, tenant: str, rng: np.random.Generator) -> None:
    """A tree of 3 to 8 groups. Names repeat from tenant to tenant: they are unique only inside one."""
    names, facts = [tenant], []
    for number in range(int(rng.integers(3, 9))):
        name = f"mg-{number}"
        # A parent is always an earlier group, so no parents can ever form a circle.
        parent, later = (names[int(rng.integers(0, len(names)))] for _ in range(2))
        if rng.random() < MOVED_MANAGEMENT_GROUP:
            day = int(rng.integers(1, estate.size.days))
            facts += [(name, parent, None, day), (name, later, day, None)]
        else:
            facts.append((name, parent, None, None))
        names.append(name)
    estate.management_groups.append(names)
    estate.parents.append(facts)


def add_subscriptions(estate: Estate, rng: np.random.Generator) -> None:
    size = estate.size
    spread = rng.choice(size.tenants, size.subscriptions - size.tenants, p=estate.tenant_weight)
    estate.subscription_tenant = np.sort(np.concatenate([np.arange(size.tenants), spread]))
    estate.subscription_weight = shuffled_zipf(rng, size.subscriptions, 0.5)
    estate.subscriptions = [guid(rng) for _ in range(size.subscriptions)]
    estate.stays = [stays(estate, int(tenant), rng) for tenant in estate.subscription_tenant]


def stays(estate: Estate, tenant: int, rng: np.random.Generator) -> list[Stay]:
    """Where one subscription was over time."""

    def group(owner: int) -> str:
        names = estate.management_groups[owner]
        return names[int(rng.integers(0, len(names)))]

    day, luck = int(rng.integers(1, estate.size.days)), rng.random()
    if luck < MOVED_GROUP:
        return [Stay(tenant, group(tenant), None, day), Stay(tenant, group(tenant), day, None)]
    if luck < MOVED_GROUP + MOVED_TENANT:
        other = (tenant + 1) % estate.size.tenants
        return [Stay(tenant, group(tenant), None, day), Stay(other, group(other), day, None)]
    if luck < MOVED_GROUP + MOVED_TENANT + LATE:
        return [Stay(tenant, group(tenant), day, None)]
    return [Stay(tenant, group(tenant), None, None)]


def add_resource_groups(estate: Estate, rng: np.random.Generator) -> None:
    size = estate.size
    # Every subscription has one; the first is always called the same, as in real life.
    spread = rng.choice(size.subscriptions, size.resource_groups - size.subscriptions,
                        p=estate.subscription_weight)
    estate.group_subscription = np.concatenate([np.arange(size.subscriptions), spread])
    words = ["prod", "Dev", "test", "Shared", "data"]
    for group in range(size.resource_groups):
        word = words[int(rng.integers(0, len(words)))]
        estate.group_name.append(
            "NetworkWatcherRG" if group < size.subscriptions else f"rg-{word}-{group}")


def add_resources(estate: Estate, rng: np.random.Generator) -> None:
    size = estate.size
    weight = shuffled_zipf(rng, size.resource_groups, 0.6)
    spread = rng.choice(size.resource_groups, size.resources - size.resource_groups, p=weight)
    estate.resource_group = np.concatenate([np.arange(size.resource_groups), spread])
    kinds = np.array([kind.weight for kind in KINDS], float)
    estate.resource_kind = rng.choice(len(KINDS), size.resources, p=kinds / kinds.sum())
    estate.resource_id = [resource_id(estate, resource) for resource in range(size.resources)]


def resource_id(estate: Estate, resource: int) -> str:
    group, kind = int(estate.resource_group[resource]), KINDS[estate.resource_kind[resource]]
    base = estate.group_scope(group)
    if not kind.in_group:
        base = base.split("/resourceGroups/")[0]
    path = f"{base}/providers/{kind.namespace}"
    if kind.parent:
        path += f"/{kind.parent}/srv{group}-{resource % 3}"
    return f"{path}/{kind.type}/{kind.type[:3]}{resource:06d}"
