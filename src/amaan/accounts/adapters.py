"""Where allauth asks us: nobody signs up, failures are recorded, and secrets lie sealed."""

from __future__ import annotations

import time
from base64 import b64decode, b64encode
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from amaan.accounts.sessions import signed_in_at
from amaan.keyring.services import new_sealer, opener

# The row is not known while allauth seals, so the place binds table and purpose.
_PLACE: Final = "mfa_authenticator/any/secret"
_FRESH_SECONDS: Final = 300


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Signing in. People come in by `services.add_person` only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        from amaan.accounts import services

        services.record_failed_sign_in(email=str(credentials.get("email", "")), step="password")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth puts the Host header into this key, ports included: each gives a guesser five tries.
        return f"sign-in:{str(credentials.get('email', '')).strip().lower()}"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        # Who signed in this minute enrols without typing the password a second time.
        began = signed_in_at(context.request)
        if began is not None and time.time() - began < _FRESH_SECONDS:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP keys and seeds of recovery codes are sealed: a stolen database gives nobody's second factor."""

    def encrypt(self, text: str) -> str:
        return b64encode(new_sealer().seal(_PLACE, text)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return opener().open(_PLACE, b64decode(encrypted_text)).decode()

    def get_totp_issuer(self) -> str:
        return "Amaan"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Amaan"}
