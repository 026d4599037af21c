"""How big the synthetic world is, and the small random helpers that all parts share."""

import datetime as dt
import math
import uuid
from dataclasses import dataclass

import numpy as np

# The estate that belongs to this many usage rows; others are scaled from it.
BASE_ROWS = 10_000_000


@dataclass
class Size:
    rows: int
    start: str
    days: int
    tenants: int
    subscriptions: int
    resource_groups: int
    resources: int
    partners: int
    partners_per_tenant: float
    principals: int
    groups: int
    assignments: int
    delegations: int

    @staticmethod
    def for_rows(rows: int, partners: int | None, start: str, days: int) -> "Size":
        """An estate grows with the root of its rows; a small one has fewer resources still.

        More partners than the estate's own number means more partners in every customer too.
        """
        factor = math.sqrt(rows / BASE_ROWS)
        usual_partners = max(6, round(150 * factor))
        partners = partners or usual_partners
        resources = max(60, round(60_000 * (factor if rows >= BASE_ROWS else rows / BASE_ROWS)))
        subscriptions = max(6, round(200 * factor))
        return Size(
            rows=rows,
            start=start,
            days=days,
            tenants=max(3, round(20 * factor)),
            subscriptions=subscriptions,
            resource_groups=min(max(2 * subscriptions, round(3_000 * factor)), resources),
            resources=resources,
            partners=partners,
            partners_per_tenant=4.0 * partners / usual_partners,
            principals=max(60, round(4_000 * factor)),
            groups=max(10, round(400 * factor)),
            assignments=max(200, round(12_000 * factor)),
            delegations=max(20, round(600 * factor)),
        )

    @property
    def first_day(self) -> dt.date:
        return dt.date.fromisoformat(self.start)

    def instant(self, day: int) -> str:
        """Midnight UTC at the start of a day of the benchmark, as the facts write it."""
        return f"{self.first_day + dt.timedelta(days=int(day))}T00:00:00Z"


def guid(rng: np.random.Generator) -> str:
    return str(uuid.UUID(bytes=rng.bytes(16), version=4))


def zipf(count: int, power: float) -> np.ndarray:
    """Weights that fall with the rank, adding up to 1."""
    weights = np.arange(1, count + 1, dtype=float) ** -power
    return weights / weights.sum()


def shuffled_zipf(rng: np.random.Generator, count: int, power: float) -> np.ndarray:
    return zipf(count, power)[rng.permutation(count)]
