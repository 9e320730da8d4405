"""Health, robots and what is said when something is wrong."""

from __future__ import annotations

import os
import time
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client, RequestFactory, override_settings

from amaan import __version__
from amaan.web import pages


@pytest.mark.django_db
def test_health() -> None:
    response = Client().get("/healthz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "version": __version__,
        "database": "ok",
        "worker_seconds": None,
    }


@pytest.mark.django_db
def test_health_tells_how_long_the_worker_is_silent(tmp_path: Path) -> None:
    beat = tmp_path / pages.HEARTBEAT
    beat.touch()
    then = time.time() - 90
    os.utime(beat, (then, then))
    with override_settings(AMAAN_HOME=tmp_path):
        assert 89 <= Client().get("/healthz").json()["worker_seconds"] <= time.time() - then + 1


@pytest.mark.django_db
def test_health_fails_without_the_database_and_tells_no_secret() -> None:
    with patch("amaan.web.pages.connection.cursor", side_effect=OperationalError("password=hunter2")):
        response = Client().get("/healthz")
    assert response.status_code == 503
    assert response.json()["database"] == "unreachable"
    assert b"hunter2" not in response.content
    assert str(settings.AMAAN_HOME).encode() not in response.content


@pytest.mark.django_db
def test_robots_and_the_front() -> None:
    assert b"Disallow: /" in Client().get("/robots.txt").content
    assert Client().get("/").headers["Location"] == "/en/"
    with override_settings(AMAAN_DOORS=frozenset({"desk"})):
        assert Client().get("/").headers["Location"] == "/sign-in/"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/foo", "/en-typo/", "/desk/none/", "/desk/report/none", "/lists/none/"])
def test_who_mistypes_an_address_is_told_so_and_leaves_no_trace(address: str) -> None:
    visitor = Client()
    answer = visitor.get(address, headers={"Accept-Language": "ur"})
    assert answer.status_code == 404
    assert "ایسا کوئی صفحہ نہیں" in answer.content.decode()
    assert "role" not in answer.content.decode()
    assert "<form" not in answer.content.decode()
    assert not visitor.cookies
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_a_form_from_elsewhere_is_refused_in_words() -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"login": "a@example.org", "password": "x"})
    assert response.status_code == 403
    assert "Nothing was changed" in response.content.decode()


def test_a_broken_frame_still_gives_words() -> None:
    with patch("amaan.web.pages.render_to_string", side_effect=RuntimeError("frame")):
        response = pages.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert b"Something broke" in response.content
    assert b"frame" not in response.content
