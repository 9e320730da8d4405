"""allauth's forms where their words are not ours."""

from __future__ import annotations

from allauth.account.forms import LoginForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


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
