"""People, the offices they work in, and the roles they hold there."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone

from amaan.authority.actors import Role

ROLES = [role.value for role in Role]


class Unit(models.Model):
    """An office. Work belongs to a unit and is visible by unit and role."""

    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    name_ur = models.CharField(max_length=120, blank=True)
    is_default = models.BooleanField(default=False)  # takes the work that names no office

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="unit_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class People(BaseUserManager["User"]):
    """Finds people by e-mail address. It has no `create_superuser`: nobody stands above the matrix."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person on the staff. What they may do stands in their memberships and the matrix, nowhere else."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    # Somebody else knows the password: it opens only the page that changes it.
    password_is_initial = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[People] = People()

    class Meta:
        constraints: ClassVar = [
            # One spelling an address, so that "unique" means one account a person.
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_in_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name


class Membership(models.Model):
    """A role that a person holds in a unit. Ending it deletes the row; the ledger keeps that it was held."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=32, choices=[(role, role) for role in ROLES])
    since = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "unit", "role"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=ROLES), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.unit.code}"


class Remembered(models.Model):
    """What all web processes remember together for some minutes: failed sign-ins, codes that were used."""

    key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()  # JSON, never a pickle: who can write a row must not be able to run code
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
