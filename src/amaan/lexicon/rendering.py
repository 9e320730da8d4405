"""docs/reference/lexicon.md: how well the lexicon reads, and every pattern and guard of it."""

from __future__ import annotations

from collections.abc import Iterator

from amaan.lexicon.domain.indicators import MEANING, Indicator
from amaan.lexicon.domain.lexicon import Lexicon
from amaan.lexicon.domain.measuring import Measured, table
from amaan.lexicon.domain.shipped import shipped
from amaan.lexicon.domain.weights import DANGER, DENIED, RAISES, STANDS

_OPENING = """\
# The lexicon

<!-- Written by `python tools/measure_lexicon.py`; a test holds it equal. -->

**Not reviewed by a native reader**: neither its Urdu nor the sentences that it is measured on. Version {version}.

## How well it reads

Precision / recall / F1 on the [sentences](../../tests/rooms/triage/sentences/README.md), about 150 a language and file,
written before the lexicon by somebody who had not seen it; those of the third and the fourth file later, by other
writers who had seen neither the lexicon nor the other files, and of the fourth were asked for oblique words and for
innocent twins of what they had written (200 to 300 a language). Whoever wrote the lexicon read the first file and never
the others. Of the second these figures were looked at a dozen times, of the others a few times: they are what to expect
of texts that nobody tuned on, the fourth of texts that mean to be hard.

The target is an F1 of 0.85 a language and a recall of 0.90 for danger. **The newest sentences, of which nobody who
works on the lexicon has read one, reach the recall and nearly the F1; the harder ones before them don't.** So the
lexicon only ever raises, a report without a hit is no safer than it was, and nobody should read less because of it.

### Read while it was written

{dev}
### Never read: only measured

{held_out}
### Written when the lexicon stood, never read

{unseen}
### Harder ones, never read

{unseen_2}
### By three other writers, as hard, never read

{unseen_3}
### The newest: plain and oblique words as people mix them, never read

By one writer for all three languages, who had seen only the meanings below.

{unseen_4}
## What each word means

| indicator | the text says, as true now |
|---|---|
{meanings}
## Patterns

| pattern | indicator | language | what it looks for |
|---|---|---|---|
{patterns}
## What words weigh

Where no pattern fits, the weights of single words, of neighbours and of letters within words are added up over a
sentence, and over it and the two before it (`weights.json`, learnt by `tools/learn_weights.py` from the sentences that
the lexicon's writers may read; [why, and what it can't](../decisions/0035-weights-that-a-person-can-add-up.md)). The
sum is divided by the square root of the number of different words; nought is an even chance that a reader would say
it. From {raises} on the indicator is raised ({denied} where a pattern's hit was withheld there), by a rule
`weights.…` that marks the three words that weigh most. A pattern's hit counts in the sum, and stands unless the sum is
below {stands}; of `{only}`
it always stands. Not reviewed by a native reader either.

Hundredths: what each begins with, what one hit of a pattern adds, and more of them; then the words that add most.

| indicator | begins | a hit | more hits | heaviest words |
|---|---|---|---|---|
{weights}
## What withholds

A "not" before the words (English) or at the verb (Urdu), unless it denies something else ("won't stop"), and these.
They withhold a hit of the lexicon; nothing that a field says is ever withheld.

| guard | kind | reaches | what it looks for |
|---|---|---|---|
{guards}"""


MOST_WORDS_SHOWN = 10


def _weights(lexicon: Lexicon) -> Iterator[str]:
    made = lexicon.weights
    for one in Indicator if made else ():
        assert made is not None
        words = ", ".join(f"{term} {weight}" for term, weight in made.heaviest(one, MOST_WORDS_SHOWN))
        begin, hit, more = made.of_indicator(one)
        yield f"| `{one}` | {begin} | {hit} | {more} | {words} |\n"


def lexicon_page(read: Measured, *never_read: Measured) -> str:
    """`never_read`: held_out.csv, unseen.csv and those after it, in their order."""
    held_out, unseen, unseen_2, unseen_3, unseen_4 = never_read
    lexicon = shipped()
    return _OPENING.format(
        version=lexicon.version,
        dev=table(read),
        held_out=table(held_out),
        unseen=table(unseen),
        unseen_2=table(unseen_2),
        unseen_3=table(unseen_3),
        unseen_4=table(unseen_4),
        raises=RAISES,
        denied=DENIED,
        stands=max(STANDS),
        only="`, `".join(one for one in Indicator if one in DANGER),
        weights="".join(_weights(lexicon)),
        meanings="".join(f"| `{one}` | {MEANING[one]} |\n" for one in Indicator),
        patterns="".join(
            f"| `{one.id}` | `{one.indicator}` | {one.language} | {one.note} |\n" for one in lexicon.patterns
        ),
        guards="".join(f"| `{one.id}` | {one.kind} | {one.scope} | {one.note} |\n" for one in lexicon.guards),
    )
