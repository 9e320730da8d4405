"""Questions read aloud: what is there is offered, in the nearest language; nothing else is ever served."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from amaan.portal.domain.audio import TYPES, is_question, recording_of, recordings
from amaan.portal.domain.fallback import spoken_in
from amaan.portal.domain.questions import ORDER, WAYS
from amaan.portal.pages.campaign import spoken_question
from amaan.portal.words import recording_name


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for place in ("ur/what.ogg", "ur/what.mp3", "en/what.ogg", "en/when.ogg", "ps/what.mp3"):
        file = tmp_path / "audio" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"OggS " + place.encode())
    (tmp_path / "helplines.csv").write_text("secret")
    (tmp_path / "audio" / "ur" / "notes.txt").write_text("not audio")
    (tmp_path / "audio" / "ur" / "WHAT.ogg").write_text("not a question's name")
    (tmp_path / "audio" / "xx").mkdir()
    (tmp_path / "audio" / "xx" / "what.ogg").write_text("no language")
    (tmp_path / "audio" / "ur" / "elsewhere.ogg").symlink_to(tmp_path / "helplines.csv")
    return tmp_path


def test_only_recordings_count(home: Path) -> None:
    assert recordings(home / "audio") == {
        *(("ur", "what", "ogg"), ("ur", "what", "mp3"), ("en", "what", "ogg"), ("en", "when", "ogg")),
        ("ps", "what", "mp3"),
    }
    assert recordings(home / "nowhere") == frozenset()


@pytest.mark.parametrize(
    ("language", "question", "found"),
    [
        ("ur", "what", ("ur", ("what.ogg", "what.mp3"))),
        ("ps", "what", ("ps", ("what.mp3",))),
        ("sd", "what", ("ur", ("what.ogg", "what.mp3"))),
        ("sd", "when", ("en", ("when.ogg",))),
        ("en", "what", ("en", ("what.ogg",))),
        ("ur", "where", None),
    ],
)
def test_a_question_is_heard_in_its_language_or_the_next(
    home: Path, language: str, question: str, found: tuple[str, tuple[str, ...]] | None
) -> None:
    recording = recording_of(recordings(home / "audio"), language, question)
    got = recording and (recording.language, tuple(file for file, _ in recording.sources))
    assert got == found


@examples(max_examples=40)
@given(
    st.frozensets(
        st.tuples(st.sampled_from(["en", "ur", "ps", "sd"]), st.just("q"), st.sampled_from(["ogg", "mp3"]))
    ),
    st.sampled_from(["en", "ur", "ps", "sd", "xx"]),
)
def test_nothing_is_offered_that_is_not_there(there: frozenset[tuple[str, str, str]], language: str) -> None:
    recording = recording_of(there, language, "q")
    wanted = [spoken for spoken in spoken_in(language) if any(one[0] == spoken for one in there)]
    assert (recording.language if recording else None) == (wanted[0] if wanted else None)
    for ending in recording.endings if recording else ():
        assert recording is not None
        assert (recording.language, "q", ending) in there
        assert ending in TYPES


def test_a_recording_is_served_and_nothing_else(home: Path, door: Client) -> None:
    with override_settings(AMAAN_PORTAL_HOME=home):
        answer = door.get("/ur/audio/what.ogg")
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content) == b"OggS ur/what.ogg"  # type: ignore[attr-defined]
        assert answer.headers["Content-Type"] == "audio/ogg"
        assert answer.headers["Cache-Control"] == "no-store"
        for path in (
            *("ur/audio/when.ogg", "sd/audio/what.ogg", "ur/audio/notes.txt", "ur/audio/elsewhere.ogg"),
            *("ur/audio/..%2f..%2fhelplines.csv", "ur/audio/WHAT.ogg", "ur/audio/what.", "xx/audio/what.ogg"),
            "ur/audio/../helplines.csv",
        ):
            assert door.get(f"/{path}").status_code == 404, path


def test_the_how_to_names_every_recording_that_a_question_looks_for() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs/how-to/campaign.md").read_text("utf-8")
    named = set(re.findall(r"^\| `([a-z_-]+)` \|", page.partition("| `QUESTION` |")[2], re.MULTILINE))
    looked_for = {recording_name(key, way) for way in WAYS for key in ORDER[way]}
    assert named == looked_for
    assert {"danger", "danger-me"} <= looked_for
    assert all(is_question(name) for name in looked_for)


def test_a_question_page_offers_the_recording_of_its_way(home: Path, door: Client) -> None:
    """What is said aloud is what stands there: 'Are you in danger?' is not 'Is somebody in danger?'."""
    (home / "audio" / "en" / "danger.ogg").write_bytes(b"OggS")
    with override_settings(AMAAN_PORTAL_HOME=home):
        assert "audio/danger.ogg" in _first_question(door, "saw")
        assert "audio/" not in _first_question(door, "me")
        (home / "audio" / "en" / "danger-me.ogg").write_bytes(b"OggS")
        assert "audio/danger-me.ogg" in _first_question(door, "me")


def _first_question(door: Client, way: str) -> str:
    answer = door.get(f"/en/report/{way}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_part_offers_it_and_loads_nothing_by_itself(home: Path, door: Client) -> None:
    with override_settings(AMAAN_PORTAL_HOME=home):
        shown = render_to_string(
            "portal/parts/audio.html",
            {"recording": spoken_question("sd", "what"), "door": {"language": "sd"}},
        )
        nothing = render_to_string("portal/parts/audio.html", {"recording": spoken_question("sd", "where")})
    assert 'src="/ur/audio/what.ogg"' in shown
    assert 'preload="none"' in shown
    assert 'lang="ur"' in shown
    assert nothing.strip() == ""
