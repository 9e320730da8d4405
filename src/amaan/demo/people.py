"""One invented person a role, two supervisors, with a passphrase that all share."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

from amaan.accounts.selectors import people
from amaan.accounts.services import UnitExists, add_person, add_unit, make_default_unit
from amaan.authority.actors import Actor, Role

UNITS = (
    ("islamabad", "Islamabad (demo)", "اسلام آباد (نمونہ)"),
    ("karachi", "Karachi (demo)", "کراچی (نمونہ)"),
)
HOME_UNIT = "islamabad"
MAIL_HOST = "demo.example"
ADMINISTRATOR, SUPERVISOR, EXAMINER, ANALYST, INVESTIGATOR = (
    f"{name}@{MAIL_HOST}" for name in ("admin", "supervisor", "examiner", "analyst", "investigator")
)

# The part of the address before the @, the role, and the name that pages show.
STAFF = (
    ("intake", Role.INTAKE_OFFICER, "Intake Demo"),
    ("analyst", Role.ANALYST, "Analyst Demo"),
    ("supervisor", Role.SUPERVISOR, "Supervisor Demo"),
    ("supervisor2", Role.SUPERVISOR, "Second Supervisor Demo"),  # other rules take two of them
    ("investigator", Role.INVESTIGATOR, "Investigator Demo"),
    ("custodian", Role.CUSTODIAN, "Custodian Demo"),
    ("examiner", Role.EXAMINER, "Examiner Demo"),
    ("prosecutor", Role.PROSECUTOR, "Prosecutor Demo"),
    ("counsel", Role.COUNSEL, "Counsel Demo"),
    ("statistician", Role.STATISTICIAN, "Statistician Demo"),
    ("auditor", Role.AUDITOR, "Auditor Demo"),
    ("admin", Role.ADMINISTRATOR, "Administrator Demo"),
)

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def passphrase_file() -> Path:
    return Path(settings.AMAAN_KEYS) / "demo.password"


def shared_passphrase() -> str:
    """The passphrase of everybody in the demo; made at the first call, kept beside the keys, readable by the
    owner.
    """
    path = passphrase_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    passphrase = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(5))
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(passphrase + "\n")
    return passphrase


def add_staff(actor: Actor) -> None:
    """Open the demo's units and accounts; those that stand already stay as they are."""
    for code, name, name_ur in UNITS:
        try:
            add_unit(actor, code=code, name=name, name_ur=name_ur)
        except UnitExists:
            continue
    make_default_unit(actor, code=HOME_UNIT)
    passphrase = shared_passphrase()
    known = {person.email for person in people(actor)}
    for mailbox, role, name in STAFF:
        email = f"{mailbox}@{MAIL_HOST}"
        if email not in known:
            add_person(actor, email=email, name=name, unit=HOME_UNIT, role=role, password=passphrase)


def describe_sign_in() -> list[str]:
    """One line a person who is there: who to sign in as, and with what."""
    passphrase = shared_passphrase()
    known = {person.email for person in people(Actor.system("demo"))}
    return [
        f"{role.value.replace('_', ' '):<17} {mailbox}@{MAIL_HOST:<16} {passphrase}"
        for mailbox, role, _ in STAFF
        if f"{mailbox}@{MAIL_HOST}" in known
    ]
