"""python -m bench [intake|desk|wire|door|door_codes|replay|links|all] [--database sqlite|postgres] [--reports N]
[--held N] [--imported N] [--linked N] [--no-self-join]"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bench import desk, door, door_codes, intake, links, replay, wire
from bench.machine import describe_machine

FOLDER = Path(".bench")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "what",
        nargs="?",
        choices=["intake", "desk", "wire", "door", "door_codes", "replay", "links", "all"],
        default="all",
    )
    options.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    options.add_argument("--reports", type=int, default=100_000, help="into an empty store")
    options.add_argument(
        "--held", type=int, default=1_000_000, help="reports that the full store holds; 0 leaves it out"
    )
    options.add_argument("--imported", type=int, default=30_000, help="into the full store")
    options.add_argument("--linked", type=int, default=2_000_000, help="in the store that is linked")
    options.add_argument(
        "--no-self-join",
        dest="self_join",
        action="store_false",
        help="without SQL's own way, the slowest part",
    )
    options.add_argument("--processes", type=int, help="reading processes")
    chosen = options.parse_args()
    FOLDER.mkdir(exist_ok=True)
    print(describe_machine())
    databases = ["sqlite", "postgres"] if chosen.database == "both" else [chosen.database]
    for database in databases:
        for part in (intake, desk, wire, door, door_codes, replay, links):
            if chosen.what not in {"all", part.__name__.removeprefix("bench.")}:
                continue
            for result in part.run(FOLDER, database, chosen):
                print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
