"""allauth's forms, where their words are not ours or a malformed answer would break them."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

# What allauth and fido2 raise on JSON that is no WebAuthn answer; to a visitor it is one more wrong answer.
_MALFORMED = (AttributeError, KeyError, TypeError, ValueError)


# A code is valid in its own half minute and in `MFA_TOTP_TOLERANCE` more on both sides of it.
_CODE_LIVES_SECONDS = 30 * (2 * settings.MFA_TOTP_TOLERANCE + 1)


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail address and password."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["password"].label = _("Password")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)  # the label says it, and stays when somebody types


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A name for the key, and whether it opens the door alone."""

    name = forms.CharField(label=_("Name of the key"), required=False, max_length=64)
    passwordless = forms.BooleanField(
        label=_("Sign in with this key alone"),
        help_text=_("No password is asked then. The key must know you: by a PIN, a finger or a face."),
        required=False,
        initial=True,
    )

    def clean(self) -> dict[str, Any]:
        try:
            return dict(super().clean())
        except forms.ValidationError:
            raise
        except _MALFORMED as malformed:
            raise get_adapter().validation_error("incorrect_code") from malformed


class _PasskeyAnswer(AuthenticateWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except forms.ValidationError:
            raise
        except _MALFORMED as malformed:
            raise get_adapter().validation_error("incorrect_code") from malformed


class PasskeySignInForm(_PasskeyAnswer, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey instead of a password."""


class PasskeyStepForm(_PasskeyAnswer):
    """A passkey as the second step."""


class PasskeyConfirmForm(_PasskeyAnswer, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey before the sign-in is changed."""


class _CodeOnce(forms.Form):
    """allauth remembers a used code for 30 seconds; its tolerance would take the code again after that."""

    def clean_code(self) -> str:
        code = str(super().clean_code())  # type: ignore[misc]
        used = f"code-used:{self.user.pk}:{normalize_user_code(code)}"  # type: ignore[attr-defined]
        if not cache.add(used, True, timeout=_CODE_LIVES_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeStepForm(_CodeOnce, AuthenticateForm):  # type: ignore[misc]
    """A code as the second step."""


class CodeConfirmForm(_CodeOnce, ReauthenticateForm):  # type: ignore[misc]
    """A code before the sign-in is changed."""
