"""Resolves facts to coverage in plain Python: who is credited for what, when.

    resolve.py DATA

Reads DATA/facts.jsonl and the resource ids in DATA/usage, writes for the peers that get coverage given

    DATA/coverage/coverage.parquet        resource, starts, ends, set_id
    DATA/coverage/resource_class.parquet  resource, class_id      (the same in another shape:
    DATA/coverage/class_day.parquet       class_id, day, set_id    resources with equal coverage are a class)
    DATA/coverage/set_members.parquet     set_id, customer_tenant_id, subscription_id, partner_id, pec_eligible

`resource` is spelled as in the usage files, so that a join needs no folding of case. A charge without a
resource id goes by `<subscription>/resourcegroups/<name>`, or by the subscription alone. Days, half-open;
intervals of one resource never overlap. It shares no code with the engine: it is a second opinion.
"""

import datetime as dt
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from roles import PEC_ELIGIBLE

FIRST, LAST = dt.date(1, 1, 1).toordinal(), dt.date(9999, 12, 31).toordinal()
EPOCH = dt.date(1970, 1, 1).toordinal()
MANAGEMENT_GROUP = "/providers/microsoft.management/managementgroups/"
Span = tuple[int, int]


def day(instant: str | None, otherwise: int) -> int:
    if instant is None:
        return otherwise
    date, clock = instant.split("T")
    assert clock == "00:00:00Z", f"only midnight UTC is understood here: {instant}"
    return dt.date.fromisoformat(date).toordinal()


def load(path: Path) -> dict[str, list[dict]]:
    facts = defaultdict(list)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            fact = json.loads(line)
            fact["span"] = day(fact.get("from"), FIRST), day(fact.get("to"), LAST)
            facts[fact["kind"]].append(fact)
    return facts


def common(a: Span, b: Span) -> list[Span]:
    """What two intervals share: one interval or none."""
    both = max(a[0], b[0]), min(a[1], b[1])
    return [both] if both[0] < both[1] else []


def common_all(some: list[Span], others: list[Span]) -> list[Span]:
    return [both for a in some for b in others for both in common(a, b)]


def union(spans: list[Span]) -> list[Span]:
    """Sorted, disjoint, neighbours joined."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def scopes_of(path: str) -> list[str]:
    """The resource, its parents, its resource group, its subscription; by path segments, lower-case."""
    parts = path.lower().strip("/").split("/")
    assert parts[0] == "subscriptions", path
    ends, at = [2], 2
    if len(parts) >= 4 and parts[2] == "resourcegroups":
        ends.append(4)
        at = 4
    while at < len(parts):
        # "providers" and a namespace, or a type and a name; only the latter ends a scope.
        is_provider = parts[at] == "providers"
        at += 2
        if not is_provider:
            ends.append(at)
    return ["/" + "/".join(parts[:end]) for end in reversed(ends)]


class Directory:
    """For each identity and group, in its own tenant: the partners it credits, and when."""

    def __init__(self, facts: dict[str, list[dict]]):
        self.partners: dict = defaultdict(lambda: defaultdict(list))
        active, alive = defaultdict(list), defaultdict(list)
        self.group_exists = defaultdict(list)
        for fact in facts["partner"]:
            active[fact["partner"]].append(fact["span"])
        for fact in facts["principal"]:
            who = fact["tenant"], fact["object"]
            if fact["type"] == "Group":
                self.group_exists[who].append(fact["span"])
            elif fact.get("enabled", True):
                alive[who].append(fact["span"])
        for fact in facts["link"]:
            who, partner = (fact["tenant"], fact["object"]), fact["partner"]
            times = common_all(common_all([fact["span"]], alive[who]), active[partner])
            if times:
                self.partners[who][partner] += times
        self.spread(facts["membership"])

    def spread(self, memberships: list[dict]) -> None:
        """Carry credit from members to their groups until nothing changes; circles end by themselves."""
        groups_of = defaultdict(list)
        for fact in memberships:
            group, member = (fact["tenant"], fact["group"]), (fact["tenant"], fact["member"])
            times = common_all([fact["span"]], self.group_exists[group])
            if times:
                groups_of[member].append((group, times))
        waiting = list(self.partners)
        while waiting:
            member = waiting.pop()
            for group, times in groups_of[member]:
                changed = False
                for partner, spans in list(self.partners[member].items()):
                    held = self.partners[group][partner]
                    more = union(held + common_all(spans, times))
                    if more != held:
                        self.partners[group][partner] = more
                        changed = True
                if changed:
                    waiting.append(group)


def credits_by_scope(facts: dict[str, list[dict]], directory: Directory) -> dict:
    """(customer tenant, scope) -> [(partner, eligible, span)]"""
    credits = defaultdict(list)

    def grant(tenant: str, scope: str, home: str, entry: dict, span: Span) -> None:
        if entry.get("eligible", False):
            return
        for partner, spans in directory.partners.get((home, entry["principal"]), {}).items():
            for both in common_all(spans, [span]):
                credits[tenant, scope.lower()].append((partner, PEC_ELIGIBLE[entry["role"]], both))

    for fact in facts["roleAssignment"]:
        grant(fact["tenant"], fact["scope"], fact["tenant"], fact, fact["span"])
    for fact in facts["delegation"]:
        for entry in fact["authorizations"]:
            grant(fact["tenant"], fact["scope"], fact["managingTenant"], entry, fact["span"])
    return credits


class Hierarchy:
    """Where subscriptions are: pieces of time with one tenant and one list of scopes above."""

    def __init__(self, facts: dict[str, list[dict]]):
        self.parents = defaultdict(list)
        for fact in facts["managementGroup"]:
            self.parents[fact["tenant"], fact["name"]].append((fact.get("parent", fact["tenant"]), fact["span"]))
        self.pieces = defaultdict(list)
        for fact in facts["subscription"]:
            tenant = fact["tenant"]
            for span, names in self.above(tenant, fact.get("managementGroup", tenant), fact["span"]):
                scopes = [(MANAGEMENT_GROUP + name).lower() for name in names] + ["/"]
                self.pieces[fact["subscription"]].append((span, tenant, scopes))

    def above(self, tenant: str, group: str, span: Span) -> list[tuple[Span, list[str]]]:
        if group == tenant:
            return [(span, [tenant])]
        return [
            (piece, [group, *names])
            for parent, held in self.parents[tenant, group]
            for both in common(held, span)
            for piece, names in self.above(tenant, parent, both)
        ]


class Resolver:
    def __init__(self, facts: dict[str, list[dict]]):
        self.credits = credits_by_scope(facts, Directory(facts))
        self.hierarchy = Hierarchy(facts)
        self.credited_scopes = {scope for _, scope in self.credits}
        self.sets: dict[tuple, int] = {}
        self.timelines: dict[tuple, list] = {}

    def coverage(self, path: str) -> list[tuple[int, int, int]]:
        """(start, end, set) for one chain start. Neighbours share their access, so it is kept by chain."""
        chain = scopes_of(path)
        subscription = chain[-1].rsplit("/", 1)[1]
        own = tuple(scope for scope in chain if scope in self.credited_scopes)
        if (subscription, own) not in self.timelines:
            self.timelines[subscription, own] = [
                part
                for span, tenant, above in self.hierarchy.pieces[subscription]
                for part in self.resolve(subscription, tenant, [*own, *above], span)
            ]
        return self.timelines[subscription, own]

    def resolve(self, subscription: str, tenant: str, scopes: list[str], span: Span) -> list:
        found = [
            (partner, eligible, both)
            for scope in scopes
            for partner, eligible, held in self.credits.get((tenant, scope), ())
            for both in common(held, span)
        ]
        borders = sorted({border for _, _, both in found for border in both})
        parts = []
        for start, end in zip(borders, borders[1:]):
            members: dict[str, bool] = {}
            for partner, eligible, both in found:
                if both[0] <= start < both[1]:
                    members[partner] = members.get(partner, False) or eligible
            if not members:
                continue
            key = (tenant, subscription, *sorted(members.items()))
            number = self.sets.setdefault(key, len(self.sets))
            if parts and parts[-1][1:] == (start, number):
                # This border changed nothing.
                start = parts.pop()[0]
            parts.append((start, end, number))
        return parts


def read_usage(usage: Path) -> tuple[list[str], Span]:
    """Every distinct text from which a scope chain starts, as the files spell it; and the days there are."""
    starts: set[str] = set()
    days: set[dt.date] = set()
    names = ["ResourceId", "SubAccountId", "x_ResourceGroupName"]
    for file in sorted(usage.rglob("*.parquet")):
        table = pq.read_table(file, columns=[*names, "ChargePeriodStart"], read_dictionary=names)
        days.update(moment.date() for moment in pc.min_max(table["ChargePeriodStart"]).as_py().values())
        starts.update(text for text in table["ResourceId"].unique().to_pylist() if text)
        rest = table.filter(table["ResourceId"].is_null())
        columns = [rest[name].cast(pa.string()) for name in names[1:]]
        pairs = pa.table(columns, names=names[1:]).group_by(names[1:]).aggregate([]).to_pylist()
        for pair in pairs:
            subscription, group = pair["SubAccountId"], pair["x_ResourceGroupName"]
            if subscription:
                starts.add(f"{subscription}/resourcegroups/{group}" if group else subscription)
    return sorted(starts), (min(days).toordinal(), max(days).toordinal() + 1)


DAY = pa.date32()
NUMBER = pa.int32()
TEXT = pa.string()


def write(path: Path, columns: dict[str, pa.DataType], rows: list[tuple]) -> None:
    """Days come as ordinals."""
    arrays = []
    for (name, kind), values in zip(columns.items(), zip(*rows)):
        if kind == DAY:
            arrays.append(pa.array([value - EPOCH for value in values], NUMBER).cast(DAY))
        else:
            arrays.append(pa.array(values, kind))
    pq.write_table(pa.table(arrays, names=list(columns)), path)


def write_all(resolver: Resolver, starts: list[str], days: Span, out: Path) -> dict:
    timelines = {text: tuple(resolver.coverage(text)) for text in starts}
    timelines = {text: timeline for text, timeline in timelines.items() if timeline}
    class_of: dict[tuple, int] = {}
    for timeline in timelines.values():
        class_of.setdefault(timeline, len(class_of))
    coverage = [(text, *part) for text, timeline in timelines.items() for part in timeline]
    class_day = [(number, at, part[2]) for timeline, number in class_of.items() for part in timeline
                 for both in common(part[:2], days) for at in range(*both)]
    members = [(number, key[0], key[1], partner, int(eligible))
               for key, number in resolver.sets.items() for partner, eligible in key[2:]]
    out.mkdir(exist_ok=True)
    write(out / "coverage.parquet", {"resource": TEXT, "starts": DAY, "ends": DAY, "set_id": NUMBER}, coverage)
    write(out / "resource_class.parquet", {"resource": TEXT, "class_id": NUMBER},
          [(text, class_of[timeline]) for text, timeline in timelines.items()])
    write(out / "class_day.parquet", {"class_id": NUMBER, "day": DAY, "set_id": NUMBER}, class_day)
    write(out / "set_members.parquet", {"set_id": NUMBER, "customer_tenant_id": TEXT, "subscription_id": TEXT,
                                        "partner_id": TEXT, "pec_eligible": NUMBER}, members)
    return {"chain_starts": len(starts), "intervals": len(coverage), "classes": len(class_of),
            "sets": len(resolver.sets), "members": len(members)}


def main(data: Path) -> None:
    begun = time.monotonic()
    resolver = Resolver(load(data / "facts.jsonl"))
    starts, days = read_usage(data / "usage")
    counts = write_all(resolver, starts, days, data / "coverage")
    print(json.dumps(counts | {"seconds": round(time.monotonic() - begun, 1)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
