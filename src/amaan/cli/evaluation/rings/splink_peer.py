"""Splink as a peer, where it is installed: probabilistic linkage of one record a report. No part of the product.

Splink links records of persons; a report becomes one record, with the first value of each field, cleaned as Amaan
cleans it. Settings follow its documentation: exact and fuzzy levels, term frequencies, u by random sampling, m by
expectation maximisation, clusters at a match weight. DuckDB runs in memory and loads no extension.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

FIELDS: Final = ("handle", "account", "phone", "email", "name", "district", "wallet")
THRESHOLDS: Final = (0.1, 0.5, 0.9, 0.99)
"""Probabilities at which its pairs are clustered. The best of them is taken, by the labels: in its favour."""
HOW_TO_GET_IT: Final = (
    "Splink is not installed, so it is left out of the baselines; `pip install splink` brings it."
)


def installed() -> bool:
    return find_spec("splink") is not None


def splink_groups(records: Sequence[Mapping[str, str]], folder: Path) -> dict[float, list[str]]:
    """By threshold the group of each record, "" where it stands alone. The records' order is kept.

    Its table lies in `folder`, of the installation that is thrown away, until it is read.
    """
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    exact = ("handle", "account", "phone", "email", "wallet")
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="place",
        comparisons=[
            cl.JaroWinklerAtThresholds("handle", [0.92]).configure(term_frequency_adjustments=True),
            *(
                cl.ExactMatch(name).configure(term_frequency_adjustments=True)
                for name in ("account", "phone", "email", "wallet")
            ),
            cl.JaroWinklerAtThresholds("name", [0.92, 0.85]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("district"),
        ],
        blocking_rules_to_generate_predictions=[
            *(block_on(name) for name in exact),
            block_on("name"),
            block_on("substr(handle, 1, 8)"),
        ],
        max_iterations=20,
    )
    api: Any = DuckDBAPI()
    table = folder / "splink.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("place", *FIELDS))
        for place, record in enumerate(records):
            writer.writerow((place, *(record.get(name, "") for name in FIELDS)))
    read = f"SELECT * FROM read_csv('{table}', header=true, all_varchar=true, nullstr='')"  # noqa: S608
    api.duckdb_con.execute(f"CREATE TABLE told AS {read}")
    table.unlink()
    linker: Any = Linker(api.register("told"), settings, log_level="ERROR")
    rules = [block_on(name) for name in exact]
    linker.training.estimate_probability_two_random_records_match(rules, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for name in ("phone", "wallet", "account"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(name))
    predicted = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    found = {}
    for at in THRESHOLDS:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, at)
        group_of = {int(row["place"]): str(row["cluster_id"]) for row in clusters.as_record_list()}
        sizes = Counter(group_of.values())
        groups = [group_of.get(place, "") for place in range(len(records))]
        found[at] = [group if sizes[group] > 1 else "" for group in groups]
    return found
