"""Words that several pages share, said once, so that the same thing has the same name everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from amaan.authority.actors import Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ROLES: Final[Mapping[Role, _StrPromise]] = {
    Role.INTAKE_OFFICER: _("Intake officer"),
    Role.ANALYST: _("Analyst"),
    Role.SUPERVISOR: _("Supervisor"),
    Role.INVESTIGATOR: _("Investigator"),
    Role.CUSTODIAN: _("Custodian of identities"),
    Role.EXAMINER: _("Examiner"),
    Role.PROSECUTOR: _("Prosecutor"),
    Role.COUNSEL: _("Counsel or support adviser"),
    Role.STATISTICIAN: _("Statistician"),
    Role.AUDITOR: _("Auditor"),
    Role.ADMINISTRATOR: _("Administrator"),
}


def grouped(value: int) -> str:
    """`2 904`, the groups held together by a space that does not break and does not turn around in Urdu."""
    return f"{value:,}".replace(",", "\u202f")
