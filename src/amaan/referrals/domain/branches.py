"""Taking what is known out of a document's tree: what is left at the end was said too, and becomes details.

Every `take_…` removes only what it has understood in full: a word that it does not know stays where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from amaan.formats.reading import Tree, text_of
from amaan.reports.domain.drafts import PartyDraft, Said

_TRUE = frozenset({"true", "yes", "y", "1"})
_FALSE = frozenset({"false", "no", "n", "0"})
_SET = frozenset({"", *_TRUE})
EVENTS = frozenset({"login", "registration", "purchase", "upload", "other", "unknown"})
OLDEST = 150
# A member of an enumeration is looked up by a Python function each time it is named (until Python 3.12).
_YES, _NO, _NOT_SAID = Said.YES, Said.NO, Said.NOT_SAID
_CLOSINGS = ("accountTemporarilyDisabled", "accountPermanentlyDisabled")


def take(tree: Tree, name: str) -> list[Any]:
    """Remove and return what stands under a name."""
    values = tree.pop(name, None)
    return values if values is not None else []


def take_text(tree: Tree, name: str) -> str:
    """The first text under a name; further ones, and a text with attributes, stay where they are."""
    values = tree.get(name)
    if not values:
        tree.pop(name, None)
        return ""
    value = values[0]
    if isinstance(value, dict) and value.keys() - {"#"}:
        return text_of(value)
    if len(values) == 1:
        del tree[name]
    else:
        tree[name] = values[1:]
    return value if value.__class__ is str else text_of(value)


def yes_no(text: str | None) -> Said:
    """«true», «Yes», «N», «0» …; anything else, an empty element too, is not said, never no."""
    if not text:
        return _NOT_SAID
    folded = text.strip().lower()
    if folded in _TRUE:
        return _YES
    return _NO if folded in _FALSE else _NOT_SAID


def said_of(tree: Tree, name: str) -> Said:
    """A boolean that leaves three states."""
    values = tree.get(name)
    return yes_no(text_of(values[0])) if values else _NOT_SAID


def take_said(tree: Tree, name: str) -> Said:
    """The same, taken where it was understood."""
    if name not in tree:
        return _NOT_SAID
    state = said_of(tree, name)
    if state is not _NOT_SAID:
        take_text(tree, name)
    return state


def take_flags(tree: Tree, name: str, words: Mapping[str, str]) -> list[str]:
    """Our words for the annotations that are set: `<viral/>` and `<viral>true</viral>` both are."""
    found: list[str] = []
    left: list[Any] = []
    for branch in take(tree, name):
        rest = dict(branch) if isinstance(branch, dict) else {"#": branch}
        for flag, word in words.items():
            values = rest.get(flag, [])
            texts = [text_of(value).lower() for value in values]
            if any(text not in _FALSE for text in texts):
                found.append(word)
            if all(isinstance(value, str) for value in values) and _SET.issuperset(texts):
                rest.pop(flag, None)
        if rest:
            left.append(rest)
    if left:
        tree[name] = left
    return found


def take_word(tree: Tree, name: str, known: frozenset[str]) -> str:
    """A text that is one of the known ones; any other stays, so that no free text reaches an unsealed column."""
    values = tree.get(name)
    return take_text(tree, name) if values and text_of(values[0]) in known else ""


def take_port(tree: Tree) -> int | None:
    values = tree.get("port")
    port = port_of(text_of(values[0])) if values else None
    if port is not None:
        take_text(tree, "port")
    return port


def port_of(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536:
        return int(text)
    return None


def take_event(tree: Tree) -> str:
    values = tree.get("eventName")
    if not values or (event := text_of(values[0]).lower()) not in EVENTS:
        return ""
    take_text(tree, "eventName")
    return event


def take_age(party: PartyDraft, tree: Tree, name: str) -> None:
    values = tree.get(name)
    if not values:
        return
    text = text_of(values[0])
    if party.age is None and text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= OLDEST:
        party.age = int(take_text(tree, name))


def take_birth(party: PartyDraft, tree: Tree, name: str = "dateOfBirth") -> None:
    values = tree.get(name)
    if not values:
        return
    text = text_of(values[0])
    try:
        party.birth = date.fromisoformat(text[:10])
    except ValueError:
        return
    if len(text) == 10:
        take_text(tree, name)


def country_of(text: str) -> str:
    """ISO 3166-1 alpha-2 in capitals, "" for anything else: it stands unsealed."""
    folded = text.strip().upper()
    if folded == "PAKISTAN":
        return "PK"
    return folded if len(folded) == 2 and folded.isascii() and folded.isalnum() else ""


def read_closings(party: PartyDraft, tree: Tree) -> None:
    """Whether the platform closed the account, and told its owner. Read and left where it stands: when is a detail."""
    closed = set()
    for one in [one for name in _CLOSINGS if name in tree for one in tree[name]]:
        said = one if isinstance(one, dict) else {"#": one}
        closed.add(_NO if said.get("@reenabledDate") else yes_no(str(said.get("#", ""))))
        if yes_no(said.get("@userNotified")) is _YES:
            party.flags["aware"] = str(_YES)
    for state in (_YES, _NO):
        if state in closed:
            party.flags["disabled"] = str(state)
            return


def drop_schema_attributes(tree: Tree) -> None:
    """Where the sender's copy of the schema lies says nothing about the report."""
    for name in [n for n in tree if n.startswith("@{")]:
        del tree[name]


def has_exif(tree: Tree) -> bool:
    """Whether what a camera wrote into a file came with it. Left where it stands."""
    return any(isinstance(one, dict) and one.get("@type") == "EXIF" for one in tree.get("details", []))
