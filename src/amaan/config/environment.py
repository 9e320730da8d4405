"""What the operator set, read once. Nothing else in Amaan reads environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from amaan.accounts.domain import is_loopback
from amaan.clients.asking import BadAddress, Service
from amaan.evidence.domain import MediaPolicy
from amaan.matching.domain.lists import EXCHANGES

DOORS = ("public", "desk", "api")


class BadEnvironment(Exception):
    """A variable that the operator must correct; the message says how."""


@dataclass(frozen=True)
class Environment:
    """`home` holds data, `keys` holds keys; the two never lie in one folder or one backup."""

    home: Path
    keys: Path
    doors: frozenset[str]
    database: str | None
    hosts: tuple[str, ...]
    origin: str
    bind: str
    proxies: int
    debug: bool
    portal_home: Path
    portal_keys: Path
    portal_database: str | None = None
    exit_to: str = "https://www.google.com/"
    door_socket: str = ""
    threads: int = 16
    media: str = MediaPolicy.HASH_ONLY.value
    exchanges: Mapping[str, Service] = field(default_factory=dict)
    mail: Mapping[str, object] = field(default_factory=dict)
    mail_from: str = "amaan@localhost"
    sms: Service | None = None

    @property
    def encrypted(self) -> bool:
        """Whether browsers reach this server by HTTPS only: yes, unless it listens on this machine alone."""
        return self.origin.startswith("https://") or not is_loopback(self.bind)

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        user_home = Path(variables.get("HOME") or Path.home())
        data = Path(variables.get("XDG_DATA_HOME") or user_home / ".local" / "share")
        config = Path(variables.get("XDG_CONFIG_HOME") or user_home / ".config")
        home = Path(variables.get("AMAAN_HOME") or data / "amaan").absolute()
        # A home of its own has keys of its own, beside it: two installations must never share a ledger's head.
        beside = (
            home.with_name(f"{home.name}.keys") if variables.get("AMAAN_HOME") else config / "amaan" / "keys"
        )
        keys = Path(variables.get("AMAAN_KEYS") or beside).absolute()
        if keys == home or home in keys.parents or keys in home.parents:
            raise BadEnvironment(
                f"AMAAN_KEYS ({keys}) and AMAAN_HOME ({home}) lie inside each other: one backup would hold the data "
                "and the keys. Set AMAAN_KEYS to a folder beside AMAAN_HOME."
            )
        proxies = variables.get("AMAAN_PROXIES", "0")
        if not proxies.isdigit():
            raise BadEnvironment("AMAAN_PROXIES is the number of proxies in front of Amaan, such as 1.")
        threads = variables.get("AMAAN_THREADS") or "16"
        if not threads.isdigit() or int(threads) < 1:
            raise BadEnvironment(
                "AMAAN_THREADS is how many requests a web process answers at once, such as 16."
            )
        doors = frozenset(
            filter(None, variables.get("AMAAN_DOORS", "public,desk,api").replace(" ", "").split(","))
        )
        unknown = doors - set(DOORS)
        if unknown:
            raise BadEnvironment(
                f"AMAAN_DOORS names {', '.join(sorted(unknown))}; the doors are {', '.join(DOORS)}."
            )
        media = variables.get("AMAAN_MEDIA") or MediaPolicy.HASH_ONLY.value
        if media not in set(MediaPolicy):
            raise BadEnvironment(
                f"AMAAN_MEDIA says what becomes of uploaded files: {' or '.join(MediaPolicy)}."
            )
        hosts = tuple(filter(None, variables.get("AMAAN_HOSTS", "").replace(" ", "").split(",")))
        exit_to = variables.get("AMAAN_EXIT_TO") or "https://www.google.com/"
        if not exit_to.startswith("https://"):
            raise BadEnvironment(
                "AMAAN_EXIT_TO is the page that «Leave this page now» goes to, such as https://www.google.com/."
            )
        return cls(
            portal_home=Path(variables.get("AMAAN_PORTAL_HOME") or home / "portal").absolute(),
            portal_keys=Path(variables.get("AMAAN_PORTAL_KEYS") or keys / "portal").absolute(),
            portal_database=variables.get("AMAAN_PORTAL_DATABASE") or None,
            exit_to=exit_to,
            door_socket=variables.get("AMAAN_DOOR_SOCKET", ""),
            home=home,
            keys=keys,
            doors=doors,
            database=variables.get("AMAAN_DATABASE") or None,
            hosts=hosts,
            origin=variables.get("AMAAN_ORIGIN", ""),
            bind=variables.get("AMAAN_BIND") or "127.0.0.1",
            proxies=int(proxies),
            debug=False,
            threads=int(threads),
            media=media,
            exchanges=_exchanges(variables),
            mail=_mail(variables.get("AMAAN_MAIL", "").strip(), home),
            mail_from=_mail_from(variables.get("AMAAN_MAIL_FROM", "").strip()),
            sms=_sms(variables.get("AMAAN_SMS", "").strip()),
        )


def _exchanges(variables: Mapping[str, str]) -> dict[str, Service]:
    """The exchanges of lists for which there is a credential (AMAAN_NCMEC_HASHES, AMAAN_STOPNCII).

    What is wrong with an address is said without repeating it.
    """
    found = {}
    for name, variable in EXCHANGES.items():
        if not (value := variables.get(variable, "").strip()):
            continue
        try:
            found[name] = Service.read(value)
        except BadAddress as error:
            raise BadEnvironment(f"{variable}: {error}") from None
    return found


def _mail(value: str, home: Path) -> dict[str, object]:
    """Django's EMAIL settings. Without an address mails are files in AMAAN_HOME/mail, which wake nobody.

    What is wrong with the address is said without repeating it.
    """
    if not value:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(home / "mail"),
        }
    form = "AMAAN_MAIL must read smtps://user:password@host:465 or smtp://user:password@host:587 (with STARTTLS)."
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise BadEnvironment(form) from None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path or parts.query:
        raise BadEnvironment(form)
    tls = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if tls else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": tls,
        # A server on this machine itself may speak plainly; nothing goes over a network unencrypted.
        "EMAIL_USE_TLS": not tls and not is_loopback(parts.hostname),
        "EMAIL_TIMEOUT": 20,
    }


def _mail_from(value: str) -> str:
    if value and ("@" not in value or not value.isprintable()):
        raise BadEnvironment(
            "AMAAN_MAIL_FROM is the address that mails come from, such as amaan@desk.example.org."
        )
    return value or "amaan@localhost"


def _sms(value: str) -> Service | None:
    if not value:
        return None
    try:
        return Service.read(value)
    except BadAddress as error:
        raise BadEnvironment(f"AMAAN_SMS: {error}") from None


def database_settings(environment: Environment) -> dict[str, object]:
    """Django's DATABASES entry: SQLite in AMAAN_HOME, or AMAAN_DATABASE=postgresql://user:password@host:port/name."""
    if environment.database is None:
        return {"ENGINE": "amaan.store.sqlite", "NAME": str(environment.home / "amaan.sqlite3")}
    return _postgres("AMAAN_DATABASE", environment.database)


def door_database_settings(environment: Environment) -> dict[str, object]:
    """The same for the public door's own database, in AMAAN_PORTAL_HOME or at AMAAN_PORTAL_DATABASE."""
    if environment.portal_database is None:
        # What somebody was told is sent must survive a power cut.
        return {
            "ENGINE": "amaan.store.sqlite",
            "NAME": str(environment.portal_home / "door.sqlite3"),
            "DURABLE": True,
            # Whoever closes SQLite's last connection carries the log over and waits for the disk: not once a page.
            "CONN_MAX_AGE": 60,
        }
    # On a machine that strangers reach: whoever waits for it gives up.
    return _postgres("AMAAN_PORTAL_DATABASE", environment.portal_database) | {
        "OPTIONS": {
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
            "options": "-c statement_timeout=30s -c lock_timeout=20s",
        }
    }


def _postgres(variable: str, value: str) -> dict[str, object]:
    address = urlsplit(value)
    if address.scheme not in {"postgres", "postgresql"}:
        raise BadEnvironment(f"{variable} must read postgresql://user:password@host:port/name, or be unset.")
    query = dict(parse_qsl(address.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(address.path.lstrip("/")),
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": query.get("host") or address.hostname or "",
        "PORT": str(address.port or ""),
        "CONN_MAX_AGE": 60,
    }


def current() -> Environment:
    return Environment.read(os.environ)
