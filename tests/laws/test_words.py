"""Law: whatever Amaan says, it says in Urdu too, and the compiled catalogue is the written one."""

from __future__ import annotations

import re
from pathlib import Path

import allauth
import django
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.utils import translation
from tools import compile_words as words

from amaan.accounts.words import SHOWN_BY_ALLAUTH
from amaan.ui.words import ROLES, SENDERS

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parent.parent.parent
URDU = re.compile("[\u0600-\u06ff]")
STATUTE = re.compile(r"child\s+porn\w*|چائلڈ\s*پورن\w*", re.IGNORECASE)
QUOTED = re.compile(r"“[^”]*”|”[^“”]*“|‘[^’]*’|«[^»]*»|&ldquo;.*?&rdquo;|\\?\"[^\"\n]*\\?\"")
# The quotation marks around every string of a catalogue are not quotes.
PO_FRAME = re.compile(r'^\s*(msgid|msgstr|msgctxt|msgid_plural)?(\[\d\])?\s*"|"\s*$')
# The protocol's own enum value, which may stand in our Python as data.
PROTOCOL = "Child Pornography (possession, manufacture, and distribution)"


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return words.catalogue()


def test_every_message_in_use_has_urdu(catalogue: Catalog) -> None:
    silent = []
    for use in words.uses():
        entry = catalogue.get(use.singular, use.context)
        if entry is None or not all(form.strip() for form in words.forms(entry)):
            silent.append(f"{use.place}: {use.singular}")
    assert silent == [], "run tools/compile_words.py --collect, then write the Urdu"


def test_the_collector_sees_templates_and_python() -> None:
    places = {use.place.rsplit(":", 1)[0] for use in words.uses()}
    assert {"ui/templates/ui/parts/person.html", "ui/words.py", "ui/moments.py"} <= places


def test_a_message_without_urdu_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        '{% load i18n %}  {% trans "First" %}{% if x %}\n {% blocktranslate count n=n %}{{ n }} one'
        "{% plural %}{{ n }} many{% endblocktranslate %}{% endif %}"
    )
    (tmp_path / "page.py").write_text(
        'from x import gettext_lazy as _\n_("Second")\npgettext("verb", "Third")\n'
    )
    found = {(use.context, use.singular, use.plural) for use in words.uses(tmp_path)}
    assert found == {
        (None, "First", None),
        (None, "%(n)s one", "%(n)s many"),
        (None, "Second", None),
        ("verb", "Third", None),
    }


def test_the_compiled_catalogue_is_the_written_one(catalogue: Catalog) -> None:
    assert words.MO.read_bytes() == words.compiled(catalogue), "run tools/compile_words.py"


def test_the_list_for_native_readers_is_current(catalogue: Catalog) -> None:
    assert words.PAGE.read_text("utf-8") == words.awaiting_page(catalogue), "run tools/compile_words.py"


def test_placeholders_agree(catalogue: Catalog) -> None:
    wrong = []
    for entry in catalogue:
        if not entry.id:
            continue
        english = entry.id if isinstance(entry.id, (tuple, list)) else (entry.id,)
        wanted = set(words.PLACEHOLDER.findall(english[-1]))
        for form in words.forms(entry):
            held = set(words.PLACEHOLDER.findall(form))
            # A singular may leave its number out ("one report"); nothing may name what it is not given.
            if held - wanted or (len(english) == 1 and held != wanted):
                wrong.append(f"{english[0]!r} → {form!r}")
    assert wrong == []


def test_urdu_is_urdu_and_nothing_is_fuzzy(catalogue: Catalog) -> None:
    entries = [entry for entry in catalogue if entry.id]
    assert [e.id for e in entries if e.fuzzy] == []
    latin = [e.id for e in entries for form in words.forms(e) if form and not URDU.search(form)]
    assert latin == []


def _prose() -> list[Path]:
    source = ROOT / "src" / "amaan"
    kinds = ("*.html", "*.txt", "*.po", "*.toml", "*.css", "*.svg")
    return [path for kind in kinds for path in source.rglob(kind)] + [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
    ]


def test_urdu_is_written_in_one_kind_of_digits(catalogue: Catalog) -> None:
    said = [form for entry in catalogue if entry.id for form in words.forms(entry)]
    assert [form for form in said if any(sign.isdigit() and not sign.isascii() for sign in form)] == []


def test_the_statutes_old_term_stands_only_in_quotes() -> None:
    loose = []
    for path in _prose():
        for number, whole in enumerate(path.read_text("utf-8").splitlines(), 1):
            line = PO_FRAME.sub("", whole) if path.suffix == ".po" else whole
            if STATUTE.search(QUOTED.sub("", line.replace(PROTOCOL, ""))):
                loose.append(f"{path.relative_to(ROOT)}:{number}")
    assert loose == []


@pytest.mark.parametrize(
    ("line", "loose"),
    [
        ("PECA s.22 calls it “child pornography”.", False),
        ("child pornography was found", True),
        ("”چائلڈ پورنوگرافی“ (دفعہ 22)", False),
        ("چائلڈ پورنوگرافی", True),
    ],
)
def test_the_search_for_the_old_term_can_fail(line: str, loose: bool) -> None:
    assert bool(STATUTE.search(QUOTED.sub("", line))) is loose


def _msgids(*folders: str) -> set[str]:
    roots = {"django": Path(django.__file__).parent, "allauth": Path(allauth.__file__).parent}
    found: set[str] = set()
    for folder in folders:
        package, _, rest = folder.partition("/")
        with (roots[package] / rest / "LC_MESSAGES" / "django.po").open("rb") as file:
            for entry in read_po(file):
                found.update(entry.id if isinstance(entry.id, (tuple, list)) else [entry.id])
    return found


def test_the_words_of_libraries_are_still_theirs() -> None:
    """A library that rewords a message would show English on an Urdu page."""
    django_says = _msgids("django/conf/locale/en", "django/contrib/auth/locale/en")
    ours = {use.singular for use in words.uses() if use.place.startswith("ui/words.py")}
    with translation.override("en"):
        own = {str(word) for word in (*ROLES.values(), *SENDERS.values())}
    assert ours - own - django_says == set()
    allauth_says = _msgids("allauth/locale/de") | django_says
    assert set(SHOWN_BY_ALLAUTH) - allauth_says == set()
