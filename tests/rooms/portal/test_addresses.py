"""Addresses of the door as people type them from a poster, and as phones correct what they type."""

from __future__ import annotations

import pytest
from django.test import Client

# Redirects and still pages: on the other database they tell nothing new.
pytestmark = [pytest.mark.django_db(databases=["default", "portal"]), pytest.mark.pure]


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("/en", "/en/"),
        ("/UR", "/ur/"),
        ("/En/", "/en/"),
        ("/en/report", "/en/report/"),
        ("/Ur/Help", "/ur/help/"),
        ("/EN/RETURN//", "/en/return/"),
        ("/ps/about", "/ps/about/"),
    ],
)
def test_a_typed_address_leads_to_its_page(door: Client, typed: str, page: str) -> None:
    assert door.get(typed, headers={"host": "localhost"}).headers["Location"] == page
    assert door.head(typed).headers["Location"] == page
    assert door.get(page).status_code == 200


@pytest.mark.parametrize(
    "typed",
    ["/en/nothing", "/en/nothing/", "/xx/", "//example.org", "//EXAMPLE.org/EN", "/en/../x", "/en//report"],
)
def test_what_is_no_address_leads_nowhere(door: Client, typed: str) -> None:
    answer = door.get("/x", PATH_INFO=typed)
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_a_mistyped_page_speaks_the_language_of_its_address(door: Client) -> None:
    assert '<html lang="ur" dir="rtl">' in door.get("/UR/nothing/").content.decode()


def test_a_form_is_never_led_on(door: Client) -> None:
    assert door.post("/en/return", {"code": "1"}).status_code == 404
