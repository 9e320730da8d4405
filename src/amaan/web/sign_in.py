"""The pages of allauth that we serve, each with its audience. What is not in this table is not routed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.db import transaction
from django.urls import URLPattern, path

from amaan.accounts.audience import ENROLLING, PUBLIC, SIGNED_IN, Audience, declared

# Public are the steps on the way in (the second one knows its visitor by the first) and the way out.
TABLE: Final[tuple[tuple[str, str, Callable[..., Any], Audience], ...]] = (
    ("account_login", "sign-in/", account.login, PUBLIC),
    ("mfa_authenticate", "sign-in/code/", mfa.authenticate, PUBLIC),
    ("mfa_login_webauthn", "sign-in/passkey/", passkeys.login_webauthn, PUBLIC),
    ("account_inactive", "sign-in/closed/", account.account_inactive, PUBLIC),
    ("account_logout", "sign-out/", account.logout, PUBLIC),
    ("account_reauthenticate", "account/confirm/", account.reauthenticate, ENROLLING),
    ("mfa_reauthenticate", "account/confirm/code/", mfa.reauthenticate, ENROLLING),
    ("mfa_reauthenticate_webauthn", "account/confirm/passkey/", passkeys.reauthenticate_webauthn, ENROLLING),
    ("account_change_password", "account/password/", account.password_change, ENROLLING),
    ("mfa_index", "account/second-factor/", mfa.index, ENROLLING),
    ("mfa_activate_totp", "account/second-factor/app/add/", totp.activate_totp, ENROLLING),
    ("mfa_deactivate_totp", "account/second-factor/app/remove/", totp.deactivate_totp, SIGNED_IN),
    ("mfa_add_webauthn", "account/second-factor/passkeys/add/", passkeys.add_webauthn, ENROLLING),
    ("mfa_list_webauthn", "account/second-factor/passkeys/", passkeys.list_webauthn, SIGNED_IN),
    (
        "mfa_remove_webauthn",
        "account/second-factor/passkeys/<int:pk>/remove/",
        passkeys.remove_webauthn,
        SIGNED_IN,
    ),
    ("mfa_edit_webauthn", "account/second-factor/passkeys/<int:pk>/", passkeys.edit_webauthn, SIGNED_IN),
    ("mfa_view_recovery_codes", "account/second-factor/codes/", codes.view_recovery_codes, ENROLLING),
    (
        "mfa_generate_recovery_codes",
        "account/second-factor/codes/new/",
        codes.generate_recovery_codes,
        SIGNED_IN,
    ),
)


def _served(view: Callable[..., Any], who: Audience) -> Callable[..., Any]:
    # What somebody changes about their own account and its entry in the ledger stand or fall together. Steps
    # on the way in stay outside: a failed one must be counted even if the rest of the request breaks.
    return declared(view if who is PUBLIC else transaction.atomic(view), who)


urlpatterns: list[URLPattern] = [
    path(route, _served(view, who), name=name) for name, route, view, who in TABLE
]
