"""The same report by Polars, with coverage given as intervals.

    peer_polars.py DATA --output FILE [--threads N]

Prints one line of JSON; `seconds` leaves out starting Python and importing Polars.
"""

import argparse
import json
import os
import time
from pathlib import Path

KEYS = ["month", "partner_id", "customer_tenant_id", "subscription_id", "resource_group", "service_name",
        "pec_eligible", "currency"]
BILLED = ["SubAccountId", "x_ResourceGroupName", "ServiceName", "BillingCurrency"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def charges(pl, data: Path):
    """Consumed revenue, each row with the text its scope chain starts from.

    The few rows without a resource id are read apart: building their text for every row costs more.
    """
    rows = pl.scan_parquet(data / "usage" / "**" / "*.parquet", hive_partitioning=False).filter(
        (pl.col("ChargeCategory") == "Usage")
        & (pl.col("x_PublisherCategory") == "Cloud Provider")
        & pl.col("x_CostAllocationRuleName").is_null()
    )
    group = pl.concat_str("SubAccountId", pl.lit("/resourcegroups/"), "x_ResourceGroupName")
    start = pl.when(pl.col("x_ResourceGroupName").is_null()).then("SubAccountId").otherwise(group)
    rest = [*BILLED, pl.col("ChargePeriodStart").dt.date().alias("day"), pl.col("EffectiveCost").alias("cost")]
    no_resource = pl.col("ResourceId").is_null()
    return pl.concat([
        rows.filter(~no_resource).select(pl.col("ResourceId").alias("resource"), *rest),
        rows.filter(no_resource).select(start.alias("resource"), *rest),
    ])


def report(pl, data: Path):
    coverage = pl.scan_parquet(data / "coverage" / "coverage.parquet")
    members = pl.scan_parquet(data / "coverage" / "set_members.parquet")
    day = pl.col("day")
    per_set = (
        charges(pl, data)
        .join(coverage, on="resource")
        .filter((day >= pl.col("starts")) & (day < pl.col("ends")))
        .group_by("set_id", day.dt.truncate("1mo").alias("first"), *BILLED)
        .agg(pl.len().alias("charges"), pl.col("cost").sum())
    )
    keyed = per_set.join(members, on="set_id").with_columns(
        pl.coalesce(pl.col("SubAccountId").str.slice(len("/subscriptions/")), "subscription_id")
        .alias("subscription_id"),
        pl.col("first").dt.strftime("%Y-%m").alias("month"),
        pl.col("x_ResourceGroupName").str.to_lowercase().alias("resource_group"),
        pl.col("ServiceName").alias("service_name"),
        pl.col("BillingCurrency").alias("currency"),
    )
    cost = pl.col("cost").sum().cast(pl.Decimal(38, 10))
    return keyed.group_by(KEYS).agg(pl.col("charges").sum().cast(pl.Int64), cost, cost.alias("credited_cost"))


def main() -> None:
    args = arguments()
    # Polars reads this when it is imported.
    os.environ["POLARS_MAX_THREADS"] = str(args.threads)
    import polars as pl

    begun = time.monotonic()
    result = report(pl, args.data).collect(engine="streaming")
    result.write_parquet(args.output)
    print(json.dumps({"rows": result.height, "cost": str(result["cost"].sum()),
                      "seconds": round(time.monotonic() - begun, 3)}))


if __name__ == "__main__":
    main()
