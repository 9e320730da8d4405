"""Learn the lexicon's weights from the sentences that its writers may read, and write weights.json.

Twice a logistic regression an indicator (scikit-learn, L2; nothing here is random): first over terms; then over what
the terms add up to for a writer who was left out, and what the patterns found. `hits_then.csv` holds what the lexicon
of its day found in each file before anybody had read that file: today's patterns know these sentences by heart, and
would be trusted too much. Nothing that only measures is read.

    python tools/learn_weights.py           write the file
    python tools/learn_weights.py --check   leave a writer's file out, and print what that says of unseen writers
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
from amaan.lexicon.domain.measuring import DANGER
from amaan.lexicon.domain.shipped import FOLDER, shipped
from amaan.lexicon.domain.tokens import cut
from amaan.lexicon.domain.weights import LETTERS, MOST_WORDS, ONLY_RAISED, pieces, plain_form, terms

ROOT: Final = Path(__file__).resolve().parent.parent
SENTENCES: Final = ROOT / "tests" / "rooms" / "triage" / "sentences"
LEARNT: Final = ("dev.csv", "tuned.csv", "tuned_2.csv", "tuned_3.csv", "tuned_4.csv")
LEFT_OUT: Final = LEARNT[2:]
"""Files whose hits of the day are known."""
HITS: Final = "hits_then.csv"
FILE: Final = FOLDER / "weights.json"
FEWEST: Final = 3
"""Sentences in which a term must stand."""
MOST_TERMS: Final = 6_000
"""Terms that weigh in one indicator: those that weigh most."""
STRENGTH: Final = 4.0
LEAN: Final = {True: 0.5, False: 0.8}
"""By how much less than an even chance (in log odds) is enough, of what is only raised and of the rest: what is
overlooked costs more than a second look. Of what is only raised the patterns' slips stay, so fewer come on top."""
Rows = list[dict[str, str]]
Table = Any


def digest() -> str:
    """SHA-256 over all that the weights are learnt from, and how."""
    how = repr((FEWEST, MOST_TERMS, STRENGTH, LEAN, LETTERS, MOST_WORDS)).encode()
    files = [(SENTENCES / name).read_bytes() for name in (*LEARNT, HITS)]
    return hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in (how, *files))).hexdigest()


def read() -> Rows:
    rows = []
    for name in LEARNT:
        with (SENTENCES / name).open(encoding="utf-8", newline="") as lines:
            rows += [{**row, "file": name} for row in csv.DictReader(lines)]
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
        found = {(row["file"], row["id"]): row for row in csv.DictReader(lines)}
    made = np.zeros((len(rows), len(Indicator), 3))
    for n, row in enumerate(rows):
        told = found.get((row["file"], row["id"]))
        if told:
            kept = {word: int(count) for word, count in (x.split(":") for x in told["kept"].split())}
            for k, one in enumerate(Indicator):
                count = kept.get(one, 0)
                made[n, k] = count > 0, count > 1, not count and one in told["withheld"].split()
    return made


def by_terms(held: Table, labels: Any) -> tuple[Any, float]:
    """Weights, the small ones gone, and the begin."""
    made = LogisticRegression(C=STRENGTH, solver="liblinear", tol=1e-3, max_iter=1000).fit(held, labels)
    weights = made.coef_[0].copy()
    weights[np.argsort(-np.abs(weights), kind="stable")[MOST_TERMS:]] = 0
    return weights, float(made.intercept_[0])


def by_hits(sums: Any, found: Any, labels: Any) -> Any:
    return LogisticRegression(C=1).fit(np.column_stack([sums, found]), labels)


def left_out(held: Table, labels: Any, files: Any) -> Any:
    """What terms add up to in each sentence, learnt without its file."""
    sums = np.zeros(labels.shape)
    for name in LEFT_OUT:
        there = files == name
        for k in range(len(Indicator)):
            weights, begin = by_terms(held[~there], labels[~there, k])
            sums[there, k] = held[there] @ weights + begin
    return sums


def learn(rows: Rows) -> str:
    known, held = counted(rows)
    labels = np.array([[one in row["indicators"].split() for one in Indicator] for row in rows])
    files = np.array([row["file"] for row in rows])
    sums, found = left_out(held, labels, files), hits(rows)
    honest = np.isin(files, LEFT_OUT)
    indicators: dict[str, dict[str, int]] = {}
    of_terms: dict[str, list[int]] = {}
    for k, one in enumerate(Indicator):
        weights, begin = by_terms(held, labels[:, k])
        made = by_hits(sums[honest, k], found[honest, k], labels[honest, k])
        times, hit, more, withheld = made.coef_[0]
        indicators[one] = {
            "begin": round(100 * (times * begin + float(made.intercept_[0]) + LEAN[one in ONLY_RAISED])),
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
    files, langs = (np.array([row[name] for row in rows]) for name in ("file", "lang"))
    sums, found = left_out(held, labels, files), hits(rows)
    made = np.zeros(labels.shape, dtype=bool)
    lean = np.array([LEAN[one in ONLY_RAISED] for one in Indicator])
    for name in LEFT_OUT:
        there = files == name
        others = np.isin(files, LEFT_OUT) & ~there
        for k in range(len(Indicator)):
            model = by_hits(sums[others, k], found[others, k], labels[others, k])
            value = model.decision_function(np.column_stack([sums[there, k], found[there, k]]))
            made[there, k] = value >= -lean[k]
    only = np.array([one in ONLY_RAISED for one in Indicator])
    danger = np.array([one in DANGER for one in Indicator])
    pattern = found[:, :, 0] > 0
    ways = {"patterns": pattern, "weights": made, "as shipped": made | (pattern & only)}
    for lang in ("en", "ur", "roman", ""):
        told = np.isin(files, LEFT_OUT) & (langs == (lang or langs))
        for way, by in ways.items():
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
