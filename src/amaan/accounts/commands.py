"""`amaan user …` and `amaan unit …`: the operator's way to people and offices, each change in the ledger."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from amaan.authority.actors import Actor, Role

app = typer.Typer(no_args_is_help=True, help="People: add, list, deactivate; roles and lost passwords.")
unit_app = typer.Typer(no_args_is_help=True, help="Units (offices): add and list.")

Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]
UnitCode = Annotated[str, typer.Option("--unit", help="The unit's code.")]
RoleName = Annotated[str, typer.Option("--role", help="See: amaan user roles")]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON instead of words.")]

SHOWN_ONCE = "Initial password (shown only now; to be changed at the first sign-in)"
OPERATOR = Actor.system("command-line")


class UnknownRole(Exception):
    """There is no such role."""


@contextmanager
def _in_words() -> Iterator[None]:
    """A named error becomes one line and exit code 2; anything else is a fault and keeps its traceback."""
    from amaan.accounts import services as s

    refusals = (
        s.BadEmail,
        s.BadUnitCode,
        s.EmailTaken,
        s.RoleNotHeld,
        s.UnitExists,
        s.UnknownPerson,
        s.UnknownUnit,
        s.WeakPassword,
        UnknownRole,
    )
    try:
        yield
    except refusals as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(2) from refused


def _role(name: str) -> Role:
    try:
        return Role(name.strip().lower().replace("-", "_").replace(" ", "_"))
    except ValueError:
        raise UnknownRole(f"{name!r} is no role. Roles: {', '.join(Role)}") from None


@app.command()
def add(  # noqa: PLR0917 - each is an option of the command
    email: Annotated[str, typer.Option(help="The address the person signs in with.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
    unit: UnitCode,
    role: RoleName,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add a person. Without --password-stdin an initial password is made, and printed this once."""
    from amaan.accounts import services

    with _in_words():
        given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
        added = services.add_person(
            OPERATOR, email=email, name=name, unit=unit, role=_role(role), password=given
        )
    if as_json:
        typer.echo(json.dumps({"email": added.person.email, "password": added.initial_password}))
        return
    typer.echo(f"Added {added.person.email}.")
    if added.initial_password:
        typer.echo(
            f"Initial password (shown only now; to be changed at the first sign-in): {added.initial_password}"
        )


@app.command("list")
def list_people(as_json: AsJson = False) -> None:
    """Everybody, with roles, second factor and last sign-in."""
    from amaan.accounts import selectors

    everybody = selectors.people(OPERATOR)
    if as_json:
        for person in everybody:
            roles = sorted(f"{held.role}@{held.unit}" for held in person.roles)
            typer.echo(
                json.dumps(
                    {
                        "email": person.email,
                        "name": person.name,
                        "active": person.active,
                        "second_factor": person.second_factor,
                        "roles": roles,
                    },
                    ensure_ascii=False,
                )
            )
        return
    table = Table("E-mail", "Name", "Roles", "Second factor", "Last sign-in", "State")
    for person in everybody:
        held_roles = "\n".join(sorted(f"{held.role} in {held.unit}" for held in person.roles))
        seen = f"{person.last_seen_at:%Y-%m-%d %H:%M} UTC" if person.last_seen_at else "never"
        state = "active" if person.active else "deactivated"
        table.add_row(
            person.email, person.name, held_roles, "yes" if person.second_factor else "no", seen, state
        )
    Console().print(table)


@app.command()
def grant(email: Email, unit: UnitCode, role: RoleName) -> None:
    """Give a person a further role in a unit."""
    from amaan.accounts import services

    with _in_words():
        services.grant_role(OPERATOR, person=services.find_person(email), unit=unit, role=_role(role))
    typer.echo("Granted.")


@app.command()
def revoke(email: Email, unit: UnitCode, role: RoleName) -> None:
    """Take a role away; it ends with the person's next click."""
    from amaan.accounts import services

    with _in_words():
        services.end_role(OPERATOR, person=services.find_person(email), unit=unit, role=_role(role))
    typer.echo("Ended.")


@app.command()
def reset(
    email: Email,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Also remove app, passkeys and recovery codes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """A new initial password for somebody who lost theirs. Make sure that it is them who asks."""
    from amaan.accounts import services

    with _in_words():
        person = services.find_person(email)
        initial = services.reset_sign_in(OPERATOR, person=person, second_factor=second_factor)
    if as_json:
        typer.echo(json.dumps({"email": person.email, "password": initial}))
    else:
        typer.echo(f"{SHOWN_ONCE}: {initial}")


@app.command()
def deactivate(email: Email) -> None:
    """Somebody leaves: roles and second factors go, open sessions stop. The name stays in the records."""
    from amaan.accounts import services

    with _in_words():
        services.deactivate_person(OPERATOR, person=services.find_person(email))
    typer.echo("Deactivated.")


@app.command()
def roles() -> None:
    """The roles, and what each may do."""
    from amaan.authority.rendering import ROLES_IN_WORDS, actions_of

    table = Table("Role", "Who that is", "May")
    for role in Role:
        table.add_row(role.value, ROLES_IN_WORDS[role], ", ".join(actions_of(role)))
    Console().print(table)


@unit_app.command("add")
def add_unit(
    code: Annotated[str, typer.Argument(help="Short and for good: letters, digits, hyphens.")],
    name: Annotated[str, typer.Argument(help="The office's name.")],
    name_ur: Annotated[str, typer.Option("--name-ur", help="The name in Urdu.")] = "",
) -> None:
    """Open an office."""
    from amaan.accounts import services

    with _in_words():
        unit = services.add_unit(OPERATOR, code=code, name=name, name_ur=name_ur)
    typer.echo(f"Added unit {unit.code}.")


@unit_app.command("default")
def make_default_unit(code: Annotated[str, typer.Argument(help="The office's code.")]) -> None:
    """Let an office take what names none, such as an import without --unit."""
    from amaan.accounts import services

    with _in_words():
        unit = services.make_default_unit(OPERATOR, code=code)
    typer.echo(f"Unit {unit.code} takes what names no unit.")


@unit_app.command("list")
def list_units() -> None:
    """Every office."""
    from amaan.accounts import selectors

    table = Table("Code", "Name", "Urdu", "")
    for unit in selectors.unit_list():
        table.add_row(unit.code, unit.name, unit.name_ur, "default" if unit.is_default else "")
    Console().print(table)
