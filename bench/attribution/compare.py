"""Are these reports equal, to the last digit, in any row order?

    compare.py REFERENCE OTHER...

Names of resource groups and GUIDs compare without regard to case. Exit 0 equal, 1 different.
"""

import sys
from pathlib import Path

import duckdb

FOLDED = ["customer_tenant_id", "subscription_id", "resource_group"]
EXACT = ["month", "partner_id", "service_name", "currency"]
COLUMNS = ", ".join([
    *(f"CAST({name} AS VARCHAR) AS {name}" for name in EXACT),
    *(f"lower({name}) AS {name}" for name in FOLDED),
    "CAST(pec_eligible AS INTEGER) AS pec_eligible",
    "CAST(charges AS BIGINT) AS charges",
    *(f"CAST({name} AS DECIMAL(38, 10)) AS {name}" for name in ("cost", "credited_cost")),
])


def differences(con: duckdb.DuckDBPyConnection, reference: Path, other: Path) -> list[tuple]:
    """Rows in one report only, repeats counted: (where, row...). The first few."""
    left, right = (f"(SELECT {COLUMNS} FROM '{path}')" for path in (reference, other))
    return con.execute(f"""
        (SELECT 'only in {reference.name}' AS found, * FROM (FROM {left} EXCEPT ALL FROM {right}))
        UNION ALL
        (SELECT 'only in {other.name}' AS found, * FROM (FROM {right} EXCEPT ALL FROM {left}))
        ORDER BY ALL LIMIT 10""").fetchall()


def main(reference: Path, others: list[Path]) -> int:
    con = duckdb.connect()
    con.execute("SET enable_progress_bar = false")
    rows, credits, cost = con.execute(
        f"SELECT count(*), sum(charges), sum(CAST(cost AS DECIMAL(38, 10))) FROM '{reference}'").fetchone()
    print(f"{reference.name}: {rows} rows, {credits} credited charges, cost {cost}")
    wrong = 0
    for other in others:
        found = differences(con, reference, other)
        wrong += bool(found)
        print(f"{other.name}: {'DIFFERENT' if found else 'equal'}")
        for row in found:
            print("  ", *row)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Path(path) for path in sys.argv[2:]]))
