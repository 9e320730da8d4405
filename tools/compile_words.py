"""The catalogues: collect the words that Amaan uses, compile them, and list what awaits a native reader.

    python tools/compile_words.py               compile every django.mo, write docs/reference/words.md
    python tools/compile_words.py --collect     first append every message without Urdu to its room's file, untranslated
    python tools/compile_words.py --missing ps  print what the public's door says and Pashto lacks, to be filled in

Urdu stands in `ui/locale` and is complete. Pashto and Sindhi are the public's door's alone, in `portal/locale`, and
hold what somebody has written so far: into each compiled file goes the Urdu of what is missing, so that a page falls
back string by string, to Urdu and then to English.

No gettext binary is needed: Django turns templates into calls, and Babel reads, writes and compiles.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "amaan"
PO = SOURCE / "ui" / "locale" / "ur" / "LC_MESSAGES" / "django.po"
PARTS = PO.parent / "rooms"
"""One file a room (`rooms/cases.po`) beside the first one; a message stands in one of them."""
MO = PO.with_suffix(".mo")
PAGE = ROOT / "docs" / "reference" / "words.md"
DOOR_LANGUAGES = {"ps": "Pashto", "sd": "Sindhi"}

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

HEAD = """msgid ""
msgstr ""
"Language: ur\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""

PLACEHOLDER = re.compile(r"%\([^)]+\)[sd]|%[sd]|\{[a-z_0-9]*\}")


@dataclass(frozen=True)
class Use:
    """A message where it is used; `place` is the file below src/amaan and the line."""

    context: str | None
    singular: str
    plural: str | None
    place: str


def uses(source: Path = SOURCE) -> Iterator[Use]:
    """Every message that templates and Python under `source` ask a translation for."""
    for path in sorted(source.rglob("*")):
        if "migrations" in path.parts or not path.is_file():
            continue
        if path.suffix == ".py":
            text = path.read_text("utf-8")
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            # What Django leaves of the markup is filler; its indentation would look like Python's.
            calls = templatize(path.read_text("utf-8"), origin=str(path))
            text = "\n".join(line.strip() for line in calls.splitlines())
        else:
            continue
        stream = io.BytesIO(text.encode("utf-8"))
        for line, message, _comments, context in extract("python", stream, KEYWORDS):
            singular, plural = message if isinstance(message, tuple) else (message, None)
            yield Use(context, singular, plural, f"{path.relative_to(source).as_posix()}:{line}")


class SaidTwice(Exception):
    """A message has an entry in two files; the later one would win in silence."""


def catalogue() -> Catalog:
    """All files as one. Raises SaidTwice."""
    words = _read(PO)
    for path in sorted(PARTS.glob("*.po")):
        for message in _read(path):
            if not message.id:
                continue
            if words.get(singular_of(message), message.context) is not None:
                raise SaidTwice(f"{path.name}: {singular_of(message)!r} has an entry in another file already")
            words[message.id] = message
    return words


def _read(path: Path, language: str = "ur") -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def door_po(language: str) -> Path:
    return SOURCE / "portal" / "locale" / language / "LC_MESSAGES" / "django.po"


def door_written(language: str) -> Catalog:
    """What somebody has written in Pashto or Sindhi."""
    return _read(door_po(language), language)


def door_catalogue(language: str, urdu: Catalog) -> Catalog:
    """All words of the public's door: in this language where they are written, else in Urdu; the rest stays English."""
    written = door_written(language)
    whole = Catalog(locale=language)
    for use in door_uses():
        for words in (written, urdu):
            message = words.get(use.singular, use.context)
            if message is not None and all(forms(message)):
                whole.add(message.id, message.string, context=message.context)
                break
    return whole


def door_uses() -> list[Use]:
    """Every message of the public's door; `place` is below src/amaan/portal."""
    return list(uses(SOURCE / "portal"))


def no_longer_asked_for(language: str) -> list[str]:
    """What was written and the door has reworded since: kept, so that a translator can bring it up to date."""
    asked = {(use.singular, use.context) for use in door_uses()}
    written = [message for message in door_written(language) if message.id]
    return sorted(singular_of(one) for one in written if (singular_of(one), one.context) not in asked)


def missing(language: str) -> str:
    """A .po text of what the door says and `language` lacks, for a translator."""
    written = door_written(language)
    lacking = Catalog(locale=language)
    for use in door_uses():
        if written.get(use.singular, use.context) is None:
            lacking.add((use.singular, use.plural) if use.plural else use.singular, context=use.context)
    out = io.BytesIO()
    write_po(out, lacking, width=110, omit_header=True)
    return out.getvalue().decode()


def compiled(words: Catalog) -> bytes:
    """The same bytes for the same words: Babel would write the minute of compiling into them."""
    words.creation_date = datetime(2026, 1, 1, tzinfo=UTC)
    out = io.BytesIO()
    write_mo(out, words)
    return out.getvalue()


def forms(message: Message) -> tuple[str, ...]:
    """A translation's forms: one, or singular and plural."""
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string,)


def singular_of(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (tuple, list)) else message.id


def reviewed(message: Message) -> bool:
    """A native reader puts `#. reviewed: NAME, DATE` above the entry."""
    return any(comment.startswith("reviewed:") for comment in message.auto_comments)


def awaiting_page(words: Catalog) -> str:
    """docs/reference/words.md: what a native reader still has to see."""
    lines = [
        "# Words that await a native reader",
        "",
        "Generated by `tools/compile_words.py` from the catalogues; do not edit here. Nothing on this page has been",
        "read by a native speaker, nor by survivors or children with a safe adult: it is a draft. Who has read an",
        "entry and stands by it writes `#. reviewed: NAME, DATE` above it in the catalogue, and it leaves this list",
        "([how](../how-to/translate.md)).",
        "",
        "Await a reader besides, file by file: the Urdu of the campaign's texts (`src/amaan/portal/texts/ur`) and of",
        "the helplines (`src/amaan/portal/data/helplines.csv`).",
        *_awaiting("Urdu", "src/amaan/ui/locale/ur", words),
    ]
    for language, name in DOOR_LANGUAGES.items():
        lines += _awaiting(name, f"src/amaan/portal/locale/{language}", door_written(language))
        lines += [
            "",
            f"Every other word of the public's door is shown in Urdu; `--missing {language}` prints them.",
        ]
        if left := no_longer_asked_for(language):
            lines += ["", f"The door no longer says this, so it is not used: {' · '.join(map(_cell, left))}."]
    return "\n".join(lines) + "\n"


def _awaiting(name: str, place: str, words: Catalog) -> list[str]:
    entries = [message for message in words if message.id]
    waiting = [message for message in entries if not reviewed(message)]
    rows = []
    for message in sorted(waiting, key=singular_of):
        english, own = singular_of(message), " / ".join(dict.fromkeys(forms(message)))
        rows.append(f"| {_cell(english)} | {_cell(own)} |")
    head = [
        "",
        f"## {name}",
        "",
        f"{len(waiting)} of {len(entries)} entries wait, in `{place}`.",
        "",
        f"| English | {name} |",
        "|---|---|",
    ]
    return head + rows


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def collect(words: Catalog) -> int:
    """Append what is used and has no entry; the translation stays empty until somebody writes it."""
    missing: dict[tuple[str | None, str], Use] = {}
    for use in uses():
        if words.get(use.singular, use.context) is None:
            missing.setdefault((use.context, use.singular), use)
    additions: dict[str, Catalog] = {}
    for use in missing.values():
        identity = (use.singular, use.plural) if use.plural else use.singular
        room = use.place.split("/")[0]
        additions.setdefault(room, Catalog(locale="ur")).add(identity, context=use.context)
    PARTS.mkdir(exist_ok=True)
    for room, addition in additions.items():
        # Appended, not rewritten: the file keeps its header, its order and its comments.
        out = io.BytesIO()
        write_po(out, addition, width=110, omit_header=True)
        path = PARTS / f"{room}.po"
        head = b"" if path.exists() else HEAD.encode()
        with path.open("ab") as file:
            file.write(head + b"\n" + out.getvalue())
    return len(missing)


def main() -> None:
    if "--missing" in sys.argv[1:]:
        sys.stdout.write(missing(sys.argv[-1]))
        return
    if "--collect" in sys.argv[1:]:
        sys.stdout.write(
            f"{collect(catalogue())} entries added; write their Urdu in {PARTS.relative_to(ROOT)}\n"
        )
    words = catalogue()
    MO.write_bytes(compiled(words))
    for language in DOOR_LANGUAGES:
        door_po(language).with_suffix(".mo").write_bytes(compiled(door_catalogue(language, words)))
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(awaiting_page(words), "utf-8")
    sys.stdout.write(f"wrote {MO.relative_to(ROOT)}, the door's catalogues and {PAGE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
