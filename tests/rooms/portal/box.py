"""A reporter's box, opened as its reporter opens it, and what came of it to the desk."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

from amaan.keyring.services import door_private_key
from amaan.portal.domain.envelopes import Telling, read_telling
from amaan.portal.domain.sealing import open_with
from amaan.portal.services import Sent, leave_letter, open_box, waiting_envelopes


def letters(sent: Sent, *letters: dict[str, Any]) -> None:
    keys = open_box(sent.code).keys
    for number, letter in enumerate(letters):
        leave_letter(
            address=keys.address, public=keys.public, number=number.to_bytes(16, "big"), value=letter
        )


def opened(door: Client, code: str, language: str = "en") -> str:
    return door.post(f"/{language}/return/", {"do": "open", "code": code}).content.decode()


def hidden(page: str, name: str = "box") -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page[:3000]
    return unescape(found[1])


def came() -> list[Telling]:
    return [read_telling(open_with(door_private_key(), one.sealed)) for one in waiting_envelopes()]
