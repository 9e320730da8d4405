"""Words of allauth that our pages show. They are named here so that the Urdu catalogue collects them."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

SHOWN_BY_ALLAUTH = (
    _("The email address and/or password you specified are not correct."),
    _("Too many failed login attempts. Try again later."),
    _("Incorrect password."),
    _("Please type your current password."),
    _("You must type the same password each time."),
    _("Password"),
    _("Current Password"),
    _("New Password"),
    _("New Password (again)"),
    _("Incorrect code."),
    _("Be patient, you are sending too many requests."),
    _("Code"),
    _("Authenticator code"),
    _("Master key"),
    _("Backup key"),
    _("Key nr. {number}"),
    _("Use your password"),
    _("Use authenticator app or code"),
    _("Use a security key"),
)
