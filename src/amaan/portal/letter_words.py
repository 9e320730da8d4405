"""What letters say to a reporter, in sentences. The desk shows staff the same ones, so that they know what is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from amaan.portal.domain.hashes import FileKind
from amaan.portal.domain.letters import Became, HashStatus
from amaan.reports.domain.outcomes import PublicStatus

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

STATUS: Final[Mapping[PublicStatus, _StrPromise]] = {
    PublicStatus.RECEIVED: _("It has arrived. Somebody will read it."),
    PublicStatus.READ: _("Somebody has read it."),
    PublicStatus.ACTED_ON: _("It is being worked on."),
    PublicStatus.PASSED_ON: _("It was passed on to an office that can do more."),
    PublicStatus.CLOSED: _("The work on it has ended. You can still write to us."),
}
ON_ITS_WAY: Final = _("It was sent, and is on its way.")

BECAME: Final[Mapping[Became, _StrPromise]] = {
    Became.WORKED_ON: _("What you told was worked on, and it helped. Thank you."),
    Became.PASSED_ON: _("What you told was given to an office that can do more about it."),
    Became.TAKEN_DOWN: _("What you told of was taken down."),
    Became.KNOWN: _("This was known already and is being worked on. Your telling it made it weigh more."),
    Became.TOO_LITTLE: _(
        "There was too little to go on. If you remember more, write it here; it will be read."
    ),
    Became.NO_OFFENCE: _(
        "As far as we can see, the law does not let us act on this. That does not mean that it was all right."
    ),
    Became.OUT_OF_REACH: _(
        "We tried, and could not reach the people behind it. What you told stays on record."
    ),
    Became.OTHER: _("The work on what you told has ended."),
}

HASH_STATUS: Final[Mapping[HashStatus, _StrPromise]] = {
    HashStatus.WAITING: _("on its way to the list"),
    HashStatus.HELD: _("on the list: it is being looked for"),
    HashStatus.EXACT_ONLY: _("on the list: only an exact copy of the file can be recognised"),
    HashStatus.NOT_USED: _("not used: nothing in this file can be looked for"),
    HashStatus.WITHDRAWN: _("taken off the list, and erased"),
}

FILES: Final[Mapping[FileKind, _StrPromise]] = {
    FileKind.PHOTO: _("Photo"),
    FileKind.VIDEO: _("Video"),
    FileKind.OTHER: _("File"),
}
