"""What each role does in Amaan, in a sentence for the person who holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from amaan.authority.actors import Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

WORK: Final[Mapping[Role, _StrPromise]] = {
    Role.INTAKE_OFFICER: _("You take reports in and see that each one reaches the right desk in time."),
    Role.ANALYST: _("You read reports, find what connects them and say what should happen next."),
    Role.SUPERVISOR: _("You see your office's whole queue and keep its promises of time."),
    Role.INVESTIGATOR: _("You work on cases until the verdict."),
    Role.CUSTODIAN: _(
        "You keep the names of children and of those who report. When a colleague gives a good reason,"
        " you let them open one part for some hours, and the ledger records it."
    ),
    Role.EXAMINER: _("You examine devices and files, so that others need not look."),
    Role.PROSECUTOR: _("You receive the court package of a case and say what it still lacks."),
    Role.COUNSEL: _("You stand beside the child and the family, in court and outside it."),
    Role.STATISTICIAN: _("You tell the public what happens, in numbers that cannot identify a child."),
    Role.AUDITOR: _("You check what was done and by whom. You do not read what was told."),
    Role.ADMINISTRATOR: _(
        "You look after people, offices and roles, by the commands amaan user and amaan unit. You cannot"
        " read reports, and that is on purpose."
    ),
}
