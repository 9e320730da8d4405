"""Law: nobody stands above the matrix. There is no Django admin and no superuser, nor a way to make one."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import NoReverseMatch, reverse

from amaan.accounts.models import User
from amaan.web.checks import views


def test_the_admin_is_not_installed_nor_routed() -> None:
    assert not [app for app in settings.INSTALLED_APPS if "admin" in app.rsplit(".", 1)[-1]]
    assert not apps.is_installed("django.contrib.admin")
    assert not [route for route, _ in views() if "admin" in route]
    with pytest.raises(NoReverseMatch):
        reverse("admin:index")


def test_a_person_has_no_flag_that_outranks_the_matrix() -> None:
    for name in ("is_superuser", "is_staff", "user_permissions", "groups", "has_perm"):
        assert not hasattr(User, name), name


@pytest.mark.django_db
def test_no_command_makes_one() -> None:
    assert not hasattr(User.objects, "create_superuser")
    with pytest.raises((CommandError, AttributeError, TypeError)):
        call_command("createsuperuser", interactive=False, email="root@example.org", name="Root")
    assert not User.objects.exists()
