"""What allauth announces, written into the session and the ledger."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed
from allauth.account.signals import user_logged_in as sign_in_completed
from allauth.core import context
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from amaan.accounts import services, sessions
from amaan.accounts.models import User


@receiver(user_logged_in)
def begin_session(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    sessions.begin(request)


@receiver(sign_in_completed)
def record_sign_in(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    SessionStore.clear_expired()
    methods = request.session.get("account_authentication_methods", [])
    services.record_own_act(
        user, "sign_in.completed", {"methods": [m.get("type") or m["method"] for m in methods]}
    )


@receiver(mfa.authentication_failed)
def record_wrong_code(sender: object, user: User, authenticator: Any, **kwargs: Any) -> None:
    services.record_failed_sign_in(email=user.email, step=str(authenticator.type), person=user)


@receiver(post_save, sender=Authenticator)
def record_factor_added(sender: object, instance: Any, created: bool, **kwargs: Any) -> None:
    # allauth announces an app only after the commit; an act belongs into the transaction that does it.
    if created and context.request is not None:
        services.record_own_act(instance.user, "second_factor.added", {"type": str(instance.type)})


@receiver(mfa.authenticator_removed)
def record_factor_removed(sender: object, user: User, authenticator: Any, **kwargs: Any) -> None:
    services.record_own_act(user, "second_factor.removed", {"type": str(authenticator.type)})


@receiver(mfa.authenticator_reset)
def record_factor_reset(sender: object, user: User, authenticator: Any, **kwargs: Any) -> None:
    services.record_own_act(user, "second_factor.reset", {"type": str(authenticator.type)})


@receiver(password_changed)
def record_password_change(sender: object, user: User, **kwargs: Any) -> None:
    services.password_was_changed(user)
