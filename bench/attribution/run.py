"""Runs every contestant on the same files, in turn, and prints what each took.

    run.py DATA --runs N --threads N [--pal PROGRAM] [--only NAME,...]

Each round runs all of them one after another (A B C A B C ...), so that a slow minute of the machine hits
all alike; the first round warms the page cache and is not counted. Time is from start to end of the whole
process. Peak memory is the kernel's own figure for that process (wait4). After every round all reports are
compared to the last digit. This process imports nothing big: a child inherits its parent's peak.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
OURS = "OpenPAL"
GROUP_BY = ("month,partner_id,customer_tenant_id,subscription_id,resource_group,service_name,pec_eligible,"
            "currency")


@dataclass
class Run:
    wall: float
    cpu: float
    peak_mib: float
    said: dict | None  # what a peer reports itself: rows, cost, seconds without the interpreter's start


@dataclass
class Contestant:
    name: str
    command: list[str]
    report: Path | None
    runs: list[Run] = field(default_factory=list)

    def median(self, value) -> float:
        return statistics.median(value(run) for run in self.runs)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pal", help="our program; without it only the peers run")
    parser.add_argument("--only", help="names of contestants, with commas")
    return parser.parse_args()


def contestants(args: argparse.Namespace) -> list[Contestant]:
    data, threads = args.data, ["--threads", str(args.threads)]
    out = data / "out"

    def ours(report: Path) -> list[str]:
        return [args.pal, "report", "--facts", str(data / "facts.jsonl"), "--usage", str(data / "usage"),
                "--policy", "pal", "--group-by", GROUP_BY, "--format", "parquet", "--output", str(report),
                *threads]

    def peer(script: str, *words: str, report: Path | None = None) -> list[str]:
        output = ["--output", str(report)] if report else []
        return [sys.executable, str(HERE / script), *words, str(data), *output, *threads]

    everyone = []
    if args.pal:
        report = out / "openpal.parquet"
        everyone.append(Contestant(OURS, ours(report), report))
    for form in ("given", "classes", "everything"):
        report = out / f"duckdb-{form}.parquet"
        everyone.append(Contestant(f"DuckDB {form}", peer("peer_duckdb.py", form, report=report), report))
    report = out / "polars-given.parquet"
    everyone.append(Contestant("Polars given", peer("peer_polars.py", report=report), report))
    for form in ("columns", "scan"):
        everyone.append(Contestant(f"DuckDB {form}", peer("peer_duckdb.py", form), None))
    return chosen(everyone, args.only)


def chosen(everyone: list[Contestant], only: str | None) -> list[Contestant]:
    """Ours and those asked for."""
    if not only:
        return everyone
    names = [one.name for one in everyone]
    wanted = only.split(",")
    for name in wanted:
        if name not in names:
            sys.exit(f"there is no contestant `{name}`, only: {', '.join(names)}")
    return [one for one in everyone if one.name in (OURS, *wanted)]


def measure(one: Contestant, data: Path) -> Run:
    if one.report:
        one.report.unlink(missing_ok=True)
    begun = time.monotonic()
    with (data / "out" / "stdout.txt").open("w+") as stdout:
        process = subprocess.Popen(one.command, stdout=stdout)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{one.name} failed with {process.returncode}: {' '.join(one.command)}")
        stdout.seek(0)
        text = stdout.read()
    # Linux counts in KiB, macOS in bytes.
    peak = usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)
    return Run(wall, usage.ru_utime + usage.ru_stime, peak, json.loads(text) if one.name != OURS else None)


def check_equal(everyone: list[Contestant], loud: bool) -> None:
    reports = [str(one.report) for one in everyone if one.report]
    if not reports:
        return
    done = subprocess.run([sys.executable, str(HERE / "compare.py"), *reports], capture_output=True, text=True)
    if loud or done.returncode:
        print(done.stdout, done.stderr, sep="", flush=True)
    if done.returncode:
        sys.exit("the reports are not equal: the times would mean nothing")


def check_scans(everyone: list[Contestant], runs: list[Run], rows: int) -> None:
    """A scan that missed rows would flatter itself."""
    for one, run in zip(everyone, runs):
        if one.report is None and run.said["rows"] != rows:
            sys.exit(f"{one.name} saw {run.said['rows']} rows of {rows}")


def processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def print_table(everyone: list[Contestant], rows: int) -> None:
    base = next((one.median(lambda run: run.wall) for one in everyone if one.name == OURS), None)
    heads = ["contestant", "wall s", "start-up s", "cpu s", "rows/s", "peak MiB", "time / ours"]
    print(f"{heads[0]:20}" + "".join(f"{head:>13}" for head in heads[1:]))
    for one in everyone:
        wall = one.median(lambda run: run.wall)
        started = one.median(lambda run: run.wall - run.said["seconds"] if run.said else 0)
        ratio = f"{wall / base:.2f}" if base else "-"
        cells = [f"{wall:.2f}", f"{started:.2f}", f"{one.median(lambda run: run.cpu):.2f}",
                 f"{rows / wall:,.0f}", f"{one.median(lambda run: run.peak_mib):,.0f}", ratio]
        print(f"{one.name:20}" + "".join(f"{cell:>13}" for cell in cells))


def main() -> None:
    args = arguments()
    (args.data / "out").mkdir(exist_ok=True)
    everyone = contestants(args)
    summary = json.loads((args.data / "summary.json").read_text())
    rows = summary["rows_written"]
    for number in range(args.runs + 1):
        runs = [measure(one, args.data) for one in everyone]
        check_equal(everyone, loud=number == 0)
        check_scans(everyone, runs, rows)
        if number > 0:
            for one, run in zip(everyone, runs):
                one.runs.append(run)
        print(f"round {number or 'warm-up'}: " + ", ".join(f"{run.wall:.2f}" for run in runs), flush=True)
    size = summary["size"]
    print(f"\n{rows:,} rows, {size['resources']:,} resources, {size['partners']} partners, "
          f"{args.threads} threads, median of {args.runs}; load {os.getloadavg()[0]:.1f}")
    print(f"{processor()}, {os.cpu_count()} CPUs; DuckDB {version('duckdb')}, Polars {version('polars')}, "
          f"Python {platform.python_version()}\n")
    print_table(everyone, rows)
    (args.data / "out" / "times.json").write_text(
        json.dumps({one.name: [vars(run) for run in one.runs] for one in everyone}, indent=1) + "\n")


if __name__ == "__main__":
    main()
