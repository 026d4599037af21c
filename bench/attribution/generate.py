"""Writes a synthetic estate: access as OpenPAL facts, usage as Azure FOCUS exports.

    generate.py --out DIR [--rows N] [--partners N] [--seed N] [--start DATE] [--days N] [--plain-ids]

Same arguments, same rows; an estate that is there already is kept. Everything in it is invented.
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np

import estate as estates
from access import Access
from size import Size
from usage import Bill, Options


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--partners", type=int, help="default: as many as fit the estate")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--start", default="2026-01-01")
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--plain-ids", action="store_true",
                        help="write resource ids without dictionary encoding")
    return parser.parse_args()


def write_facts(access: Access, path: Path) -> Counter:
    kinds: Counter = Counter()
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for fact in access.facts():
            kinds[fact["kind"]] += 1
            out.write(json.dumps(fact, separators=(",", ":")) + "\n")
    return kinds


def already_there(out: Path, request: dict) -> bool:
    """The summary is written last, so an estate with one is whole."""
    summary = out / "summary.json"
    if summary.exists():
        made = json.loads(summary.read_text())["request"]
        if made != request:
            sys.exit(f"{out} holds an estate made with {made}: choose another folder")
        return True
    if (out / "usage").exists():
        sys.exit(f"{out} holds an estate that was not finished: remove it")
    return False


def main() -> None:
    args = arguments()
    request = {name: value for name, value in vars(args).items() if name != "out"}
    if already_there(args.out, request):
        print(f"using the estate in {args.out}")
        return
    size = Size.for_rows(args.rows, args.partners, args.start, args.days)
    estate = estates.build(size, np.random.default_rng([args.seed, 1]))
    access = Access(estate, np.random.default_rng([args.seed, 2]))
    usage = args.out / "usage"
    usage.mkdir(parents=True)
    kinds = write_facts(access, args.out / "facts.jsonl")
    written = Bill(estate, Options(args.seed, plain_ids=args.plain_ids), usage).write()
    summary = {"request": request, "size": asdict(size), "rows_written": written, "facts": dict(kinds)}
    (args.out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n")
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
