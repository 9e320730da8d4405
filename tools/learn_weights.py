"""Learn the lexicon's weights from the sentences that its writers may read, and write weights.json.

Twice a logistic regression an indicator (scikit-learn, L2; the same numbers each time): first over terms; then over
what the terms add up to for a writer who was left out, and what the patterns found. `hits_then.csv` holds what patterns
found in the newest writers' sentences before anybody who works on patterns had read them: patterns know by heart what
their writers read, and would be trusted too much. Nothing that only measures is read.

    python tools/learn_weights.py           write the file
    python tools/learn_weights.py --check   leave a writer out, and print what that says of unseen writers
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy.sparse as sp  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression

from amaan.lexicon.domain.indicators import Indicator
from amaan.lexicon.domain.shipped import FOLDER, shipped
from amaan.lexicon.domain.tokens import cut
from amaan.lexicon.domain.weights import (
    DANGER,
    DENIED,
    LETTERS,
    MOST_WORDS,
    RAISES,
    STANDS,
    pieces,
    plain_form,
    terms,
)

ROOT: Final = Path(__file__).resolve().parent.parent
SENTENCES: Final = ROOT / "tests" / "rooms" / "triage" / "sentences"
LEARNT: Final = ("dev.csv", "tuned.csv", "tuned_2.csv", "tuned_3.csv", "tuned_4.csv", "tuned_5.csv")
WRITERS: Final = "tuned_5.csv"
"""The file whose hits of the day are known. An id there begins with its writer's two letters: the language, and which
of those writers, who were asked alike in three languages and are left out together."""
HITS: Final = "hits_then.csv"
FILE: Final = FOLDER / "weights.json"
FEWEST: Final = 3
"""Sentences in which a term must stand."""
MOST_TERMS: Final = 12_000
"""Terms that weigh in one indicator: those that weigh most."""
STRENGTH: Final = 4.0
Rows = list[dict[str, str]]
Table = Any


def digest() -> str:
    """SHA-256 over all that the weights are learnt from, and how."""
    how = repr((FEWEST, MOST_TERMS, STRENGTH, LETTERS, MOST_WORDS)).encode()
    files = [(SENTENCES / name).read_bytes() for name in (*LEARNT, HITS)]
    return hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in (how, *files))).hexdigest()


def read() -> Rows:
    rows = []
    for name in LEARNT:
        with (SENTENCES / name).open(encoding="utf-8", newline="") as lines:
            rows += [
                {**row, "writer": row["id"][1] if name == WRITERS else ""} for row in csv.DictReader(lines)
            ]
    return rows


def counted(rows: Rows) -> tuple[list[str], Table]:
    """Terms in their order, and of each sentence how often each stands, over the square root of its forms."""
    joins = shipped().joins
    held = []
    for row in rows:
        words = cut(row["text"], joins).words
        count = terms([[word.form for word in words[low:high]] for low, high in pieces(words)])
        held.append((count, max(len({plain_form(word.form) for word in words}), 1)))
    stand = Counter(term for count, _ in held for term in count)
    known = {term: n for n, term in enumerate(sorted(t for t, times in stand.items() if times >= FEWEST))}
    made = sp.lil_matrix((len(rows), len(known)))
    for n, (count, forms) in enumerate(held):
        for term, times in count.items():
            if term in known:
                made[n, known[term]] = times / forms**0.5
    return list(known), made.tocsr()


def hits(rows: Rows) -> Any:
    """Of each sentence and indicator: a hit, more than one, and only withheld ones."""
    with (SENTENCES / HITS).open(encoding="utf-8", newline="") as lines:
        found = {row["id"]: row for row in csv.DictReader(lines)}
    made = np.zeros((len(rows), len(Indicator), 3))
    for n, row in enumerate(rows):
        if row["writer"] and (told := found.get(row["id"])):
            kept = {word: int(count) for word, count in (x.split(":") for x in told["kept"].split())}
            for k, one in enumerate(Indicator):
                count = kept.get(one, 0)
                made[n, k] = count > 0, count > 1, not count and one in told["withheld"].split()
    return made


def by_terms(held: Table, labels: Any) -> tuple[Any, float]:
    """Weights and the begin: learnt once over all terms, and again over those that weighed most."""
    all_of_them, _ = _fitted(held, labels)
    most = np.sort(np.argsort(-np.abs(all_of_them), kind="stable")[:MOST_TERMS])
    weights = np.zeros(len(all_of_them))
    weights[most], begin = _fitted(held[:, most], labels)
    return weights, begin


def _fitted(held: Table, labels: Any) -> tuple[Any, float]:
    made = LogisticRegression(
        C=STRENGTH, solver="liblinear", dual=True, tol=1e-2, max_iter=1000, random_state=0
    )
    made.fit(held, labels)
    return made.coef_[0], float(made.intercept_[0])


def by_hits(sums: Any, found: Any, labels: Any) -> Any:
    return LogisticRegression(C=1).fit(np.column_stack([sums, found]), labels)


def left_out(held: Table, labels: Any, writers: Any) -> Any:
    """What terms add up to in each of the newest writers' sentences, learnt without that writer."""
    sums = np.zeros(labels.shape)
    for writer in sorted(set(writers) - {""}):
        there = writers == writer
        for k in range(len(Indicator)):
            weights, begin = by_terms(held[~there], labels[~there, k])
            sums[there, k] = held[there] @ weights + begin
    return sums


def learn(rows: Rows) -> str:
    known, held = counted(rows)
    labels = np.array([[one in row["indicators"].split() for one in Indicator] for row in rows])
    writers = np.array([row["writer"] for row in rows])
    sums, found = left_out(held, labels, writers), hits(rows)
    honest = writers != ""
    indicators: dict[str, dict[str, int]] = {}
    of_terms: dict[str, list[int]] = {}
    for k, one in enumerate(Indicator):
        weights, begin = by_terms(held, labels[:, k])
        made = by_hits(sums[honest, k], found[honest, k], labels[honest, k])
        times, hit, more, withheld = made.coef_[0]
        indicators[one] = {
            "begin": round(100 * (times * begin + float(made.intercept_[0]))),
            "hit": round(100 * hit),
            "more_hits": round(100 * more),
            "withheld": round(100 * withheld),
        }
        for n in np.flatnonzero(weights):
            if weight := round(100 * times * weights[n]):
                of_terms.setdefault(known[n], []).extend((k, weight))
    lines = ",\n".join(
        f"{json.dumps(term, ensure_ascii=False)}:{json.dumps(of_terms[term], separators=(',', ':'))}"
        for term in sorted(of_terms)
    )
    head = json.dumps({"learnt_from": digest(), "note": NOTE, "indicators": indicators}, indent=1)
    return f'{head[:-2]},\n "terms": {{\n{lines}\n}}\n}}\n'


NOTE: Final = (
    "Written by tools/learn_weights.py. Not reviewed by a native reader. Hundredths; of a term: an indicator's"
    " number and what it adds, and so on."
)


def check(rows: Rows) -> None:
    _, held = counted(rows)
    labels = np.array([[one in row["indicators"].split() for one in Indicator] for row in rows])
    writers, langs = (np.array([row[name] for row in rows]) for name in ("writer", "lang"))
    sums, found = left_out(held, labels, writers), hits(rows)
    made = np.zeros(labels.shape, dtype=bool)
    for writer in sorted(set(writers) - {""}):
        there = writers == writer
        others = (writers != "") & ~there
        for k in range(len(Indicator)):
            model = by_hits(sums[others, k], found[others, k], labels[others, k])
            value = 100 * model.decision_function(np.column_stack([sums[there, k], found[there, k]]))
            made[there, k] = value >= np.choose(found[there, k] @ [1, 0, 2], [RAISES, STANDS[k], DENIED])
    danger = np.array([one in DANGER for one in Indicator])
    for lang in ("en", "ur", "roman", ""):
        told = (writers != "") & (langs == (lang or langs))
        for way, by in {"patterns": found[:, :, 0] > 0, "weights": made}.items():
            whole, dangers = (_f1(by[told][:, c], labels[told][:, c]) for c in (danger | True, danger))
            sys.stdout.write(f"{lang or 'all':6} {way:11} {whole}   danger {dangers}\n")


def _f1(made: Any, labels: Any) -> str:
    right = (made & labels).sum()
    return f"{right / made.sum():.3f} / {right / labels.sum():.3f} / {2 * right / (made.sum() + labels.sum()):.3f}"


def main() -> None:
    rows = read()
    if "--check" in sys.argv[1:]:
        check(rows)
    else:
        FILE.write_text(learn(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
