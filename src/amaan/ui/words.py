"""Words that several pages share, said once, so that the same thing has the same name everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext_lazy

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

SENDERS: Final[Mapping[str, _StrPromise]] = {
    "Public door": _("Public door"),
    "Told to staff": _("Told to staff"),
    "Court": _("Court"),
    "Hotline": _("Hotline"),
    "Police": _("Police"),
    "Letter": _("Letter"),
}
"""Reporting entities that are Amaan's own ways in, by the name that is stored; platforms keep their names."""

# What Django says in our forms; its own Urdu is old and partial. A test holds these to Django's messages.
SHOWN_BY_DJANGO: Final = (
    gettext_noop("This field is required."),
    gettext_noop("Enter a valid value."),
    gettext_noop("Enter a valid email address."),
    gettext_noop("Enter a whole number."),
    gettext_noop("Null characters are not allowed."),
    gettext_noop("Select a valid choice. %(value)s is not one of the available choices."),
    gettext_noop("Select a valid choice. That choice is not one of the available choices."),
    gettext_noop("The password is too similar to the %(verbose_name)s."),
    gettext_noop("This password is too common."),
    gettext_noop("This password is entirely numeric."),
    gettext_noop("Your password can’t be too similar to your other personal information."),
    gettext_noop("Your password can’t be a commonly used password."),
    gettext_noop("Your password can’t be entirely numeric."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
    ),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
    ),
)


def grouped(value: int) -> str:
    """`2 904`, the groups held together by a space that does not break and does not turn around in Urdu."""
    return f"{value:,}".replace(",", "\u202f")
