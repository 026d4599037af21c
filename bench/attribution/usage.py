"""The bill: FOCUS 1.2 in Parquet, laid out as Azure Cost Management exports it.

One billing account a customer, one run a month with its manifest, one row a resource, meter and day.
"""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from estate import KINDS, Estate
from size import guid, shuffled_zipf

CURRENCIES = ["USD", "EUR", "GBP", "JPY", "AUD"]
REGIONS = ["eastus", "westeurope", "northeurope", "uksouth", "japaneast", "australiaeast", "westus2"]
METERS = 40
EPOCH = dt.date(1970, 1, 1)

# What a row is, with its share of all rows. The rest are plain resource usage.
PLAIN, GROUP_ONLY, SUBSCRIPTION_ONLY, NOWHERE, UNBILLED, ALLOCATED, MARKETPLACE, PURCHASE, TAX = range(9)
SHARES = {
    GROUP_ONLY: 0.005,  # usage without a resource id
    SUBSCRIPTION_ONLY: 0.003,  # and without a resource group
    NOWHERE: 0.002,  # and without a subscription
    UNBILLED: 0.001,  # a resource id, but no billed subscription
    ALLOCATED: 0.005,  # made by a cost allocation rule
    MARKETPLACE: 0.005,  # from another publisher
    PURCHASE: 0.003,
    TAX: 0.0005,
}
WITHOUT_RESOURCE = [GROUP_ONLY, SUBSCRIPTION_ONLY, NOWHERE, PURCHASE, TAX]
WITHOUT_GROUP = [SUBSCRIPTION_ONLY, NOWHERE, PURCHASE, TAX]
WITHOUT_SUBSCRIPTION = [NOWHERE, UNBILLED, TAX]


@dataclass
class Options:
    seed: int
    mixed_case: float = 0.10  # share of (resource, meter) pairs whose ids are not lower-case
    negative: float = 0.01
    committed: float = 0.05
    plain_ids: bool = False  # write resource ids without a dictionary, as some writers do
    rows_per_group: int = 1_000_000
    rows_per_file: int = 8_000_000


@dataclass
class Rows:
    """One file's rows as indices into the estate."""

    resource: np.ndarray
    meter: np.ndarray
    day: np.ndarray
    kind: np.ndarray
    subscription: np.ndarray
    spelling: np.ndarray
    committed: np.ndarray
    amount: np.ndarray  # in 10^-10 of the currency

    def __len__(self) -> int:
        return len(self.resource)


class Bill:
    def __init__(self, estate: Estate, options: Options, out: Path):
        self.estate, self.options, self.out = estate, options, out
        rng = np.random.default_rng([options.seed, 3])
        self.draw_lives(rng)
        self.currency = rng.choice(len(CURRENCIES), estate.size.tenants, p=[0.55, 0.25, 0.10, 0.05, 0.05])
        self.meter_ids = [guid(rng) for _ in range(METERS * len(KINDS))]
        self.reservations = [f"/providers/Microsoft.Capacity/reservationOrders/{guid(rng)}/reservations/{guid(rng)}"
                             for _ in range(estate.size.tenants)]
        self.prepare_words()

    def draw_lives(self, rng: np.random.Generator) -> None:
        """When each resource exists, how many meters it has, what it costs."""
        size = self.estate.size
        count, days = size.resources, size.days
        self.born = np.where(rng.random(count) < 0.7, 0, rng.integers(0, days, count))
        died = np.minimum(days, self.born + rng.integers(1, days + 1, count))
        self.died = np.where(rng.random(count) < 0.8, days, died)
        life = self.died - self.born
        weight = shuffled_zipf(rng, count, 0.45)
        weight /= (weight * life).sum()
        wanted = float(size.rows)
        for _ in range(30):
            # Rounding to whole meters misses the number of rows asked for; steer towards it.
            self.meters = np.clip(np.rint(weight * wanted), 1, 400).astype(np.int64)
            rows = int((self.meters * life).sum())
            if abs(rows - size.rows) < size.rows * 0.005:
                break
            wanted *= size.rows / rows
        self.price = np.exp(rng.normal(-1.5, 2.0, count))

    def prepare_words(self) -> None:
        """Every text a column can hold. Ids and group names in three spellings, one after another."""
        estate = self.estate
        ids = estate.resource_id
        shouted = []
        for text in ids:
            head, tail = text.split("/providers/", 1)
            parts = head.split("/")
            parts[2] = parts[2].upper()
            if len(parts) > 4:
                parts[3], parts[4] = "resourcegroups", parts[4].upper()
            shouted.append("/".join(parts) + "/providers/" + tail)
        self.id_words = [text.lower() for text in ids] + ids + shouted
        self.name_words = [text.rsplit("/", 1)[1] for text in self.id_words]
        names = estate.group_name
        self.group_words = [n.lower() for n in names] + names + [n.upper() for n in names]
        self.subscription_words = [f"/subscriptions/{s}" for s in estate.subscriptions]
        self.tag_words = [
            json.dumps({"env": ["prod", "dev", "test"][g % 3], "CostCenter": str(1000 + g % 97),
                        "Project": f"proj-{g % 211}", "Owner": f"team{g % 53}@customer.example"})
            for g in range(estate.size.resource_groups)
        ]
        self.service_words = [kind.service for kind in KINDS]
        self.category_words = [kind.category for kind in KINDS]
        self.type_words = [f"{kind.namespace}/{'/'.join(filter(None, [kind.parent, kind.type]))}".lower()
                           for kind in KINDS]
        self.meter_words = [f"{KINDS[i // METERS].service} meter {i % METERS}"
                            for i in range(METERS * len(KINDS))]

    def write(self) -> int:
        size, total = self.estate.size, 0
        days = [size.first_day + dt.timedelta(days=day) for day in range(size.days)]
        for tenant in range(size.tenants):
            resources = self.estate.resources_of(tenant)
            for month in sorted({day.replace(day=1) for day in days}):
                rng = np.random.default_rng([self.options.seed, 4, tenant, month.year * 12 + month.month])
                rows = self.draw(tenant, resources, month, rng)
                if rows is not None:
                    self.write_run(tenant, month, rows, rng)
                    total += len(rows)
        return total

    def draw(self, tenant: int, resources: np.ndarray, month: dt.date, rng) -> Rows | None:
        size = self.estate.size
        first = max(0, (month - size.first_day).days)
        last = min(size.days, (next_month(month) - size.first_day).days)
        parts = []
        for day in range(first, last):
            alive = resources[(self.born[resources] <= day) & (day < self.died[resources])]
            count = self.meters[alive]
            resource = np.repeat(alive, count)
            meter = np.arange(len(resource)) - np.repeat(np.cumsum(count) - count, count)
            order = rng.permutation(len(resource))
            parts.append((resource[order], meter[order], np.full(len(resource), day)))
        resource, meter, day = (np.concatenate(column) for column in zip(*parts))
        if not len(resource):
            return None
        return self.decorate(tenant, resource, meter, day, rng)

    def decorate(self, tenant: int, resource, meter, day, rng) -> Rows:
        estate, options, count = self.estate, self.options, len(resource)
        edges = np.cumsum(list(SHARES.values()))
        slot = np.searchsorted(edges, rng.random(count), side="right")
        kind = np.array([*SHARES, PLAIN], np.int8)[slot]
        subscription = estate.group_subscription[estate.resource_group[resource]]
        own = estate.subscriptions_of(tenant)
        elsewhere = own[rng.integers(0, len(own), count)]
        mixed = (resource * 2654435761 + meter * 40503) % 1000 < options.mixed_case * 1000
        amount = self.price[resource] * np.exp(rng.normal(0, 0.5, count)) / (1 + meter)
        allocated = kind == ALLOCATED
        flip = (rng.random(count) < options.negative) | (allocated & (rng.random(count) < 0.5))
        return Rows(
            resource=resource, meter=meter, day=day, kind=kind,
            subscription=np.where(allocated, elsewhere, subscription),
            spelling=np.where(mixed, 1 + (resource + meter) % 2, 0),
            committed=rng.random(count) < options.committed,
            amount=np.rint(amount * 1e10).astype(np.int64) * np.where(flip, -1, 1),
        )

    def columns(self, tenant: int, month: dt.date, rows: Rows, rng) -> dict:
        """The columns of a FOCUS 1.2 export that carry something; the others would be constants."""
        estate, count = self.estate, len(rows)
        group, kind = estate.resource_group[rows.resource], estate.resource_kind[rows.resource]
        no_resource = np.isin(rows.kind, WITHOUT_RESOURCE)
        outside = ~np.array([k.in_group for k in KINDS])[kind]
        no_group = np.isin(rows.kind, WITHOUT_GROUP) | (outside & ~no_resource)
        no_subscription = np.isin(rows.kind, WITHOUT_SUBSCRIPTION)
        spelled_id = rows.resource + rows.spelling * estate.size.resources
        spelled_group = group + rows.spelling * estate.size.resource_groups
        meter = kind * METERS + rows.meter % METERS
        first_day = (estate.size.first_day - EPOCH).days
        cost = money(rows.amount)
        category = np.select([rows.kind == PURCHASE, rows.kind == TAX], [1, 2], 0)
        vendor = (rows.kind == MARKETPLACE).astype(int)
        return {
            "BilledCost": money(np.where(rows.committed, 0, rows.amount)),
            "BillingAccountId": constant(billing_account(tenant), count),
            "BillingAccountName": constant(f"Customer {tenant}", count),
            "BillingCurrency": constant(CURRENCIES[self.currency[tenant]], count),
            "BillingPeriodEnd": midnight(np.full(count, (next_month(month) - EPOCH).days)),
            "BillingPeriodStart": midnight(np.full(count, (month - EPOCH).days)),
            "ChargeCategory": coded(category, ["Usage", "Purchase", "Tax"]),
            "ChargeClass": coded(np.zeros(count, int), ["Correction"], rows.amount >= 0),
            "ChargeFrequency": constant("Usage-Based", count),
            "ChargePeriodEnd": midnight(rows.day + first_day + 1),
            "ChargePeriodStart": midnight(rows.day + first_day),
            "CommitmentDiscountId": coded(np.zeros(count, int), [self.reservations[tenant]], ~rows.committed),
            "CommitmentDiscountStatus": coded(np.zeros(count, int), ["Used"], ~rows.committed),
            "ConsumedQuantity": money(rng.integers(0, 24, count) * 10**10),
            "ConsumedUnit": constant("Hours", count),
            "EffectiveCost": cost,
            "PricingCategory": coded(rows.committed.astype(int), ["Standard", "Committed"]),
            "ProviderName": constant("Microsoft", count),
            "PublisherName": coded(vendor, ["Microsoft", "Some Vendor"]),
            "RegionId": coded(group % len(REGIONS), REGIONS),
            "ResourceId": coded(spelled_id, self.id_words, no_resource),
            "ResourceName": coded(spelled_id, self.name_words, no_resource),
            "ResourceType": coded(kind, self.type_words, no_resource),
            "ServiceCategory": coded(kind, self.category_words),
            "ServiceName": coded(kind, self.service_words),
            "SkuMeter": coded(meter, self.meter_words),
            "SubAccountId": coded(rows.subscription, self.subscription_words, no_subscription),
            "Tags": coded(group, self.tag_words, no_resource),
            "x_CostAllocationRuleName": coded(np.zeros(count, int), ["shared-split"], rows.kind != ALLOCATED),
            "x_PublisherCategory": coded(vendor, ["Cloud Provider", "Vendor"]),
            "x_ResourceGroupName": coded(spelled_group, self.group_words, no_group),
            "x_SkuMeterCategory": coded(kind, self.service_words),
            "x_SkuMeterId": coded(meter, self.meter_ids),
        }

    def write_run(self, tenant: int, month: dt.date, rows: Rows, rng) -> None:
        options, end = self.options, next_month(month)
        run = guid(rng)
        account = billing_account(tenant).rsplit("/", 1)[1]
        last = end - dt.timedelta(days=1)
        folder = f"{account}/focus-daily/{month:%Y%m%d}-{last:%Y%m%d}/{end:%Y%m%d}0417/{run}"
        path = self.out / folder
        path.mkdir(parents=True)
        table = pa.table(self.columns(tenant, month, rows, rng))
        plain = {"ResourceId", "ResourceName"} if options.plain_ids else set()
        for name in plain:
            at = table.schema.get_field_index(name)
            table = table.set_column(at, name, table.column(name).cast(pa.string()))
        blobs = []
        for part, start in enumerate(range(0, len(rows), options.rows_per_file)):
            piece, name = table.slice(start, options.rows_per_file), f"part_{part}_0001.snappy.parquet"
            pq.write_table(piece, path / name, compression="snappy", row_group_size=options.rows_per_group,
                           store_schema=False, use_dictionary=[c for c in table.column_names if c not in plain])
            blobs.append({"blobName": f"{folder}/{name}", "byteCount": (path / name).stat().st_size,
                          "dataRowCount": piece.num_rows})
        manifest = manifest_of(tenant, month, run, blobs)
        (path / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def manifest_of(tenant: int, month: dt.date, run: str, blobs: list[dict]) -> dict:
    end, account = next_month(month), billing_account(tenant)
    last = end - dt.timedelta(days=1)
    return {
        "manifestVersion": "2024-04-01",
        "byteCount": sum(blob["byteCount"] for blob in blobs),
        "blobCount": len(blobs),
        "dataRowCount": sum(blob["dataRowCount"] for blob in blobs),
        "exportConfig": {
            "exportName": "focus-daily",
            "resourceId": f"{account}/providers/Microsoft.CostManagement/exports/focus-daily",
            "dataVersion": "1.2", "apiVersion": "2025-03-01", "type": "FocusCost",
            "timeFrame": "MonthToDate", "granularity": "Daily",
        },
        "deliveryConfig": {
            "partitionData": True, "dataOverwriteBehavior": "OverwritePreviousReport", "fileFormat": "Parquet",
            "compressionMode": "Snappy", "containerUri": "", "rootFolderPath": account.rsplit("/", 1)[1],
        },
        "runInfo": {
            "executionType": "Scheduled", "submittedTime": f"{end}T04:17:00.0000000Z", "runId": run,
            "startDate": f"{month}T00:00:00", "endDate": f"{last}T00:00:00",
        },
        "blobs": blobs,
    }


def billing_account(tenant: int) -> str:
    return f"/providers/Microsoft.Billing/billingAccounts/{9_000_000 + tenant}"


def next_month(month: dt.date) -> dt.date:
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def midnight(days: np.ndarray) -> pa.Array:
    return pa.array(days.astype(np.int64) * 86_400_000, pa.timestamp("ms", "UTC"))


def money(tenth_billionths: np.ndarray) -> pa.Array:
    """Whole numbers of 10^-10 as DECIMAL(38, 18), exactly."""
    whole = pa.array(tenth_billionths.astype(np.int64)).cast(pa.decimal128(19, 0))
    unit = pa.scalar("0.0000000001").cast(pa.decimal128(10, 10))
    return pc.multiply(whole, unit).cast(pa.decimal128(38, 18))


def constant(word: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([word]))


def coded(index: np.ndarray, words: list[str], missing: np.ndarray | None = None) -> pa.Array:
    """words[index] as a dictionary column that holds the used words only, each once."""
    present = np.zeros(len(words), bool)
    present[index] = True
    code_of_word: dict[str, int] = {}
    codes = np.zeros(len(words), np.int32)
    for at in np.flatnonzero(present):
        codes[at] = code_of_word.setdefault(words[at], len(code_of_word))
    return pa.DictionaryArray.from_arrays(pa.array(codes[index], mask=missing), pa.array(list(code_of_word)))
