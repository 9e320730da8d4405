"""The codes of bundles in words, for pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from amaan.bundles.domain.folding import New
from amaan.bundles.domain.keys import Kind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_SAME_FILE: Final = _("the same file")
WHY: Final[Mapping[Kind, _StrPromise]] = {
    Kind.SHA256: _SAME_FILE,
    Kind.SHA1: _SAME_FILE,
    Kind.MD5: _SAME_FILE,
    Kind.PDQ: _("the same picture"),
    Kind.NEAR: _("a picture near to it"),
    Kind.URL: _("the same address"),
    Kind.BATCH: _("one batch of one sender"),
    Kind.ACCOUNT: _("the same account of a reported person"),
    Kind.FILES: _("the same files together"),
    Kind.BARE: _("the same account, and nothing else told"),
}
NEW: Final[Mapping[New, _StrPromise]] = {
    New.FLOOR: _("a danger that no points outweigh"),
    New.SOONER: _("more urgent than the others"),
    New.THREAT: _("a danger that the others do not tell of"),
    New.VICTIM: _("somebody harmed"),
    New.PLACE: _("a place"),
    New.FILE: _("a file that the others do not have"),
    New.IDENTIFIER: _("another account or address"),
    New.CONTACT: _("a checked contact in this country"),
    New.TEXT: _("words of its own"),
    New.FIRST_HAND: _("told by somebody themselves"),
    New.HELD: _("somebody works on it"),
    New.SPLIT: _("taken out by hand"),
    New.AFTER: _("told after the others were decided upon"),
    New.UNREAD: _("words that nobody and nothing read yet"),
}


def in_words(codes: Iterable[str], words: Mapping[str, _StrPromise]) -> tuple[str, ...]:
    """Each sentence once, in the order of the codes; codes that nobody knows are left out."""
    return tuple(dict.fromkeys(str(words[code]) for code in codes if code in words))


WHY_BY_NAME: Final[Mapping[str, _StrPromise]] = {kind.name.lower(): text for kind, text in WHY.items()}
NEW_BY_NAME: Final[Mapping[str, _StrPromise]] = {str(new): text for new, text in NEW.items()}
