"""Signing in, as somebody does it: password, second step, enrolment, closing time."""

from __future__ import annotations

import json
import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from tests.rooms.accounts.people import PASSWORD, a_person, a_unit, code_now, signed_in, with_app

from amaan.accounts import services
from amaan.accounts.models import Remembered, User
from amaan.authority.actors import Actor, Role
from amaan.ledger.models import Entry

pytestmark = pytest.mark.django_db

OPEN = "/account/second-factor/passkeys/"  # a page for any member of staff who is fully signed in


def acts() -> list[str]:
    leaves = Entry.objects.order_by("id").values_list("leaf_bytes", flat=True)
    return [json.loads(bytes(leaf))["act"] for leaf in leaves]


def submit(client: Client, person: User, password: str = PASSWORD) -> str:
    """Send the first form; where it leads, or "" if it is shown again."""
    response = client.post("/sign-in/", {"login": person.email, "password": password})
    return response.headers.get("Location", "")


def enrolled() -> tuple[User, str]:
    person = a_person(Role.ANALYST, password=PASSWORD, second_factor=False)
    return person, with_app(person)


def test_password_and_code() -> None:
    person, secret = enrolled()
    client = Client()
    assert submit(client, person) == "/sign-in/code/"
    assert client.get(OPEN).status_code == 302  # the password alone opens nothing
    response = client.post("/sign-in/code/", {"code": code_now(secret)})
    assert response.headers["Location"] == "/"
    assert client.get(OPEN).status_code == 200
    assert acts() == ["sign_in.completed"]


def test_a_wrong_code_opens_nothing_and_is_recorded() -> None:
    person, secret = enrolled()
    client = Client()
    submit(client, person)
    wrong = f"{(int(code_now(secret)) + 1) % 1_000_000:06d}"
    response = client.post("/sign-in/code/", {"code": wrong})
    assert response.status_code == 200
    assert "Incorrect code" in response.content.decode()
    assert client.get(OPEN).status_code == 302
    assert acts() == ["sign_in.failed"]


def test_a_code_works_once() -> None:
    person, secret = enrolled()
    code = code_now(secret)
    for expected in (302, 200):
        client = Client()
        submit(client, person)
        assert client.post("/sign-in/code/", {"code": code}).status_code == expected


def test_nor_does_it_work_again_when_allauth_has_forgotten_it() -> None:
    person, secret = enrolled()
    code = code_now(secret)
    client = Client()
    submit(client, person)
    assert client.post("/sign-in/code/", {"code": code}).status_code == 302
    forgotten, _ = Remembered.objects.filter(key__contains="allauth.mfa.totp.used").delete()
    assert forgotten == 1  # as after its 30 seconds; the tolerance still takes the code
    second = Client()
    submit(second, person)
    assert second.post("/sign-in/code/", {"code": code}).status_code == 200


def test_the_keys_of_apps_and_codes_lie_sealed() -> None:
    person, secret = enrolled()
    stored = Authenticator.objects.get(user=person).data["secret"]
    assert secret not in json.dumps(stored)


def test_a_wrong_password_names_nobody_in_the_leaf() -> None:
    person, _ = enrolled()
    assert submit(Client(), person, "wrong") == ""
    leaf = bytes(Entry.objects.get().leaf_bytes).decode()
    assert f'"on":"person:{person.pk}"' in leaf
    assert person.email not in leaf
    Client().post("/sign-in/", {"login": "stranger@example.org", "password": "wrong"})
    assert '"on":"person:unknown"' in bytes(Entry.objects.order_by("-id")[0].leaf_bytes).decode()


def test_guessing_is_stopped_whatever_host_is_named() -> None:
    person, _ = enrolled()
    cache.clear()
    for attempt in range(5):
        Client().post(
            "/sign-in/",
            {"login": person.email, "password": f"guess {attempt}"},
            headers={"host": f"localhost:{8000 + attempt}"},
            REMOTE_ADDR=f"192.0.2.{attempt}",
        )
    assert submit(Client(), person) == ""  # even the right one, for five minutes
    assert acts().count("sign_in.failed") == 5


def test_enrolment_with_an_app() -> None:
    person = a_person(Role.ANALYST, password=PASSWORD, second_factor=False)
    client = Client()
    assert submit(client, person) == "/"
    assert client.get(OPEN).headers["Location"] == "/account/second-factor/"
    page = client.get("/account/second-factor/app/add/").content.decode()
    shown = re.search(r'<code dir="ltr">([A-Z2-7]+)</code>', page)
    assert shown
    wrong = client.post("/account/second-factor/app/add/", {"code": "000000"})
    assert wrong.status_code == 200
    response = client.post("/account/second-factor/app/add/", {"code": code_now(shown.group(1))})
    assert response.headers["Location"] == "/account/second-factor/codes/"
    codes = re.findall(
        r"<code dir=\"ltr\">(\d+)</code>", client.get("/account/second-factor/codes/").content.decode()
    )
    assert len(codes) == 10
    assert not re.findall(
        r"<code dir=\"ltr\">\d+", client.get("/account/second-factor/codes/").content.decode()
    )
    assert client.get(OPEN).status_code == 200
    other = Client()
    submit(other, person)
    assert other.post("/sign-in/code/", {"code": codes[0]}).headers["Location"] == "/"
    assert "second_factor.added" in acts()


def test_an_initial_password_opens_only_its_own_change() -> None:
    a_unit()
    added = services.add_person(
        Actor.system("command-line"), email="new@example.org", name="N", unit="north", role="analyst"
    )
    assert added.initial_password
    secret = with_app(added.person)
    client = Client()
    submit(client, added.person, added.initial_password)
    client.post("/sign-in/code/", {"code": code_now(secret)})
    assert client.get(OPEN).headers["Location"] == "/account/password/"
    form = {"oldpassword": added.initial_password, "password1": PASSWORD, "password2": PASSWORD}
    assert (
        client.post("/account/password/", {**form, "password1": "short", "password2": "short"}).status_code
        == 200
    )
    assert client.post("/account/password/", form).status_code == 302
    assert client.get(OPEN).status_code == 200
    assert acts()[-1] == "password.changed"


def test_thirty_minutes_without_a_click_end_the_session() -> None:
    client = signed_in(a_person(Role.ANALYST))
    assert client.get(OPEN).status_code == 200
    session = Session.objects.get()
    assert session.expire_date - timezone.now() <= timedelta(minutes=30)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get(OPEN).headers["Location"].startswith("/sign-in/")


def test_a_click_renews_the_thirty_minutes() -> None:
    client = signed_in(a_person(Role.ANALYST))
    session = client.session
    session["seen_at"] = int(time.time()) - 600
    session.save()
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=20))
    client.get(OPEN)
    assert Session.objects.get().expire_date - timezone.now() > timedelta(minutes=29)


def test_after_ten_hours_work_ends() -> None:
    client = signed_in(a_person(Role.ANALYST))
    session = client.session
    session["signed_in_at"] = int(time.time()) - settings.AMAAN_SESSION_HOURS * 3600 - 1
    session.save()
    assert client.get(OPEN).headers["Location"].startswith("/sign-in/")
    assert not Session.objects.filter(session_key=session.session_key).exists()


def test_signing_in_changes_the_session_key_and_leaves_no_lasting_cookie() -> None:
    person, secret = enrolled()
    client = Client()
    submit(client, person)
    before = client.cookies["sessionid"].value
    client.post("/sign-in/code/", {"code": code_now(secret)})
    cookie = client.cookies["sessionid"]
    assert cookie.value != before
    assert cookie["max-age"] == ""
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"


def test_nobody_signs_up_and_no_mail_resets() -> None:
    for address in (
        "/signup/",
        "/accounts/signup/",
        "/account/signup/",
        "/password/reset/",
        "/account/email/",
    ):
        assert Client().get(address).status_code == 404


def test_a_closed_account_is_told_so_and_stays_out() -> None:
    person, _ = enrolled()
    person.is_active = False
    person.save()
    client = Client()
    assert submit(client, person) == "/sign-in/closed/"
    assert client.get("/sign-in/closed/").status_code == 200
    assert client.get(OPEN).status_code == 302


def test_signed_in_pages_are_kept_nowhere() -> None:
    client = signed_in(a_person(Role.ANALYST))
    headers = client.get(OPEN).headers
    assert "no-store" in headers["Cache-Control"]
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_every_own_page_of_signing_in_renders_in_both_languages() -> None:
    person = a_person(Role.ANALYST, password=PASSWORD, second_factor=False)
    with_app(person)
    client = signed_in(person)
    pages = ["", "app/add/", "app/remove/", "passkeys/", "passkeys/add/", "codes/new/"]
    for language in ("en", "ur"):
        for page in pages:
            response = client.get(
                f"/account/second-factor/{page}", headers={"accept-language": language}, follow=True
            )
            assert response.status_code == 200, page
            assert f'lang="{language}"' in response.content.decode()
        assert client.get("/account/password/", headers={"accept-language": language}).status_code == 200
        assert Client().get("/sign-in/", headers={"accept-language": language}).status_code == 200
