"""Why a package lies in quarantine, and what to do about it, in words (docs/how-to/quarantine.md has them too)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Cause:
    """What happened, and the next step."""

    what: _StrPromise
    advice: _StrPromise


_PLAIN_ARCHIVE: Final = _("Ask the sender for a plain ZIP.")
_HOSTILE: Final = _("Treat it as hostile until the sender explains.")
_STRAY: Final = _("Usually a stray file; look at what else came with it.")
_AGAIN: Final = _("Ask the sender to send it again.")
_OWN_FOLDER: Final = _("Put each report into a folder of its own, and import again.")
_OURS: Final = _("This is our mistake. Tell whoever looks after Amaan, and try again after an update.")

CAUSES: Final[Mapping[str, Cause]] = {
    "malformed": Cause(_("It is cut off or broken."), _AGAIN),
    "drifted": Cause(
        _("What every report holds is not where it was: the format has changed."),
        _(
            "Tell whoever looks after Amaan, with the reason and never with the document. Try again after an update."
        ),
    ),
    "newer": Cause(
        _("It is of a newer form than Amaan can read."),
        _("Tell whoever looks after Amaan. Try again after an update."),
    ),
    "dtd": Cause(_("It declares a document type or entities, which reports never need."), _HOSTILE),
    "not_cybertipline": Cause(_("It is another kind of document."), _STRAY),
    "unknown_format": Cause(_("It is another kind of document."), _STRAY),
    "empty": Cause(_("There is nothing in it."), _AGAIN),
    "no_report": Cause(
        _("File details came without their report."), _("Find the report, and import both from one folder.")
    ),
    "several_reports": Cause(_("One folder holds what belongs to several reports."), _OWN_FOLDER),
    "several_numbers": Cause(_("One folder holds what belongs to several reports."), _OWN_FOLDER),
    "mapping": Cause(
        _("A table came without the file that says what its columns hold."),
        _("Import it again with a mapping file, at the command line."),
    ),
    "encrypted": Cause(_("The archive is locked with a password."), _PLAIN_ARCHIVE),
    "compression": Cause(_("The archive is packed in a way that Amaan does not know."), _PLAIN_ARCHIVE),
    "damaged": Cause(_("The archive is damaged."), _PLAIN_ARCHIVE),
    "bomb": Cause(_("The archive would grow without measure."), _HOSTILE),
    "path": Cause(_("The archive tries to write outside of its own folder."), _HOSTILE),
    "too_many": Cause(_("The archive holds too many entries."), _HOSTILE),
    "unfinished": Cause(
        _("A platform opened it and never finished it."),
        _("Read it again, and it becomes a report: the platform may have meant it all the same."),
    ),
    "too_large": Cause(
        _("A document is larger than 16 MB."),
        _("It lies sealed, unread. Ask the sender for the report alone."),
    ),
    "unreachable": Cause(
        _("The file could not be read from the disk."),
        _("Whoever runs the import sees to the rights on the file, and imports it again."),
    ),
    "fault": Cause(_("Amaan failed while reading it."), _OURS),
    "store": Cause(_("The database refused it."), _OURS),
}

_ELSE: Final = Cause(_("It could not be read."), _OURS)


def cause_of(code: str) -> Cause:
    """What a code means; one that has no words yet says at least that it could not be read."""
    return CAUSES.get(code, _ELSE)
