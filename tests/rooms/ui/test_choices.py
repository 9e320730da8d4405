"""Language and theme: plain posts that work without a script and lead nowhere else."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.pure]  # cookies and redirects: nothing is stored


@pytest.fixture
def client() -> Client:
    return Client()


def test_the_theme_is_remembered_for_this_browser_only(client: Client) -> None:
    answer = client.post("/theme", {"theme": "dark", "next": "/accounts/login/?x=1"})
    assert (answer.status_code, answer["location"]) == (302, "/accounts/login/?x=1")
    cookie = answer.cookies["theme"]
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("dark", "", "Strict")
    assert cookie["httponly"]


@pytest.mark.parametrize("odd", ["", "red", '"><script>'])
def test_an_odd_theme_changes_nothing(client: Client, odd: str) -> None:
    assert "theme" not in client.post("/theme", {"theme": odd, "next": "/"}).cookies


@pytest.mark.parametrize(
    "away", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""]
)
@pytest.mark.parametrize("choice", [("/theme", {"theme": "dark"}), ("/language", {"language": "ur"})])
def test_a_choice_never_leads_away(client: Client, away: str, choice: tuple[str, dict[str, str]]) -> None:
    address, data = choice
    answer = client.post(address, {**data, "next": away})
    assert "elsewhere" not in answer.get("location", "")
    assert "javascript" not in answer.get("location", "")


def test_a_cookie_from_elsewhere_cannot_write_into_the_page(client: Client) -> None:
    client.cookies["theme"] = 'dark" onload="x'
    html = client.get("/sign-in/").content.decode()
    assert 'onload="x' not in html
    assert "data-theme" not in html


def test_the_language_follows_the_choice_and_says_so(client: Client) -> None:
    client.post("/language", {"language": "ur", "next": "/"})
    html = client.get("/sign-in/").content.decode()
    assert '<html lang="ur" dir="rtl"' in html
    assert 'value="en" lang="en"' in html


def test_both_choices_are_posts(client: Client) -> None:
    assert client.get("/theme").status_code == 405
    assert "theme" not in client.get("/theme?theme=dark").cookies


def test_both_choices_want_the_token_of_their_page() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/theme", {"theme": "dark"}).status_code == 403
    assert strict.post("/language", {"language": "ur"}).status_code == 403
