"""The same report by DuckDB.

    peer_duckdb.py FORM DATA [--output FILE] [--threads N]

FORM  scan        count the rows and add up their cost: no attribution at all
      columns     as scan, and touch every column that attribution needs
      given       attribution with coverage given as intervals (sql/given.sql)
      classes     attribution with coverage given as classes and days (sql/classes.sql)
      everything  from facts and usage to the result: access resolved in SQL, then as `classes`

Prints one line of JSON; `seconds` leaves out starting Python and importing DuckDB.
"""

import argparse
import json
import time
from pathlib import Path

import duckdb

from roles import ROLES

SQL = Path(__file__).parent / "sql"
GIVEN = {"given": ["coverage", "set_members"], "classes": ["resource_class", "class_day", "set_members"],
         "everything": []}
# max() makes DuckDB look at every value, not only count them.
TOUCHED = ["ResourceId", "SubAccountId", "x_ResourceGroupName", "ServiceName", "BillingCurrency",
           "ChargeCategory", "x_PublisherCategory", "x_CostAllocationRuleName", "epoch_ms(ChargePeriodStart)"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("form", choices=["scan", "columns", *GIVEN])
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def connect(data: Path, threads: int) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(f"SET threads = {threads}")
    con.execute("SET preserve_insertion_order = false")
    con.execute("SET enable_progress_bar = false")
    # A day is a day in UTC, whatever the machine's zone.
    con.execute("SET TimeZone = 'UTC'")
    con.execute(f"SET temp_directory = '{data / 'duckdb_spill'}'")
    con.execute(f"CREATE VIEW usage AS FROM read_parquet('{data / 'usage' / '**' / '*.parquet'}',"
                " hive_partitioning = false)")
    return con


def scan(con: duckdb.DuckDBPyConnection, form: str) -> tuple:
    touched = [f"max({column})" for column in TOUCHED] if form == "columns" else []
    query = ", ".join(["count(*)", "sum(EffectiveCost)", *touched])
    return con.execute(f"SELECT {query} FROM usage").fetchone()[:2]


def attribute(con: duckdb.DuckDBPyConnection, form: str, data: Path, output: Path) -> tuple:
    for table in GIVEN[form]:
        con.execute(f"CREATE VIEW {table} AS FROM '{data / 'coverage' / table}.parquet'")
    if form == "everything":
        con.execute("CREATE TEMP TABLE role (role VARCHAR, pec INTEGER)")
        con.executemany("INSERT INTO role VALUES (?, ?)", [(role.guid, int(role.pec)) for role in ROLES])
        con.execute("SET VARIABLE facts = ?", [str(data / "facts.jsonl")])
        con.execute((SQL / "access.sql").read_text())
        con.execute((SQL / "coverage.sql").read_text())
    first = "given.sql" if form == "given" else "classes.sql"
    query = (SQL / first).read_text() + (SQL / "members.sql").read_text()
    con.execute(f"COPY ({query}) TO '{output}' (FORMAT parquet)")
    return con.execute(f"SELECT count(*), sum(cost) FROM '{output}'").fetchone()


def main() -> None:
    args = arguments()
    begun = time.monotonic()
    con = connect(args.data, args.threads)
    if args.form in GIVEN:
        rows, cost = attribute(con, args.form, args.data, args.output)
    else:
        rows, cost = scan(con, args.form)
    print(json.dumps({"rows": rows, "cost": str(cost), "seconds": round(time.monotonic() - begun, 3)}))


if __name__ == "__main__":
    main()
