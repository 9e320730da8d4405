"""Uploaded files under both policies: what is stored, who opens it, what the server can't do, what the ledger says."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import stat
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox
from pytest_django import Settings
from tests.journeys.installation import AMAAN, Installation
from tests.rooms.accounts.people import a_person
from typer.testing import CliRunner

from amaan.accounts.selectors import actor_of
from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import NotAllowed
from amaan.evidence import vault
from amaan.evidence.carried import FileInTheWay
from amaan.evidence.commands import app as vault_app
from amaan.evidence.commands import media as media_app
from amaan.evidence.commands import needs_installation
from amaan.evidence.domain import (
    MediaAborted,
    MediaKey,
    MediaPolicy,
    ReceivedFile,
    SealedToRecipient,
    WrongMediaKey,
)
from amaan.evidence.models import Exhibit, MediaRule
from amaan.evidence.services import (
    ExhibitUnknown,
    MediaKeyMissing,
    NoReasonNamed,
    NotSealedToRecipient,
    check_vault,
    exhibit_sealer,
    export_media,
    media_sink,
    open_carried,
    open_exhibit,
    open_media,
    settle_policy,
    store_exhibits,
    stream_exhibit,
    sweep_unfinished,
    trust_media_key,
)
from amaan.keyring.domain import SealBroken
from amaan.keyring.domain.streams import CHUNK
from amaan.keyring.files import KEYRING, MEDIA_KEY, SIGNING_KEY, read_keyring
from amaan.keyring.models import DataKey
from amaan.keyring.services import opener
from amaan.ledger.domain.leaf import decode
from amaan.ledger.models import Entry
from amaan.ledger.selectors import body_of
from amaan.web.checks import ServerRefused, files_have_a_key, refuse_unfit

pytestmark = pytest.mark.django_db

OPERATOR = Actor.system("media")
KEY = MediaKey.make()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """A vault of this test's own, and no trusted key before or after."""
    settings.AMAAN_HOME = tmp_path / "home"
    trusted = Path(settings.AMAAN_KEYS) / MEDIA_KEY
    trusted.unlink(missing_ok=True)
    yield tmp_path / "home"
    trusted.unlink(missing_ok=True)


@pytest.fixture
def sealed(settings: Settings) -> MediaKey:
    """The policy `sealed`, to a key whose private half this test holds."""
    trust_media_key(OPERATOR, public=KEY.recipient.text)
    settings.AMAAN_MEDIA = "sealed"
    return KEY


def take(content: bytes, piece: int = 65_536) -> ReceivedFile:
    sink = media_sink()
    stream = io.BytesIO(content)
    while data := stream.read(piece):
        sink.write(data)
    return sink.finish()


def _exhibit(received: ReceivedFile) -> int:
    assert received.exhibit_id is not None
    return received.exhibit_id


def _files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def _acts() -> list[tuple[str, str, dict[str, object]]]:
    return [
        (leaf.act, leaf.on, body_of(Actor.system("test"), entry_id=entry.id))
        for entry in Entry.objects.order_by("id")
        if (leaf := decode(bytes(entry.leaf_bytes))).act.startswith("media.")
    ]


# --- hash-only


def test_hash_only_is_the_default_and_stores_nothing(home: Path) -> None:
    content = os.urandom(300_000)
    received = take(content)
    assert (received.size, received.exhibit_id) == (300_000, None)
    assert received.md5 == hashlib.md5(content).hexdigest()
    assert received.sha1 == hashlib.sha1(content).hexdigest()
    assert received.sha256 == hashlib.sha256(content).hexdigest()
    assert received.policy is MediaPolicy.HASH_ONLY
    assert not Exhibit.objects.exists()
    assert not home.exists()
    assert _acts() == []


def test_hash_only_does_not_need_a_key_and_ignores_one(home: Path) -> None:
    trust_media_key(OPERATOR, public=KEY.recipient.text)
    assert take(b"a").exhibit_id is None
    assert not home.exists()


# --- sealed


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
@pytest.mark.parametrize("piece", [1_000, CHUNK, 10 * CHUNK])
def test_a_sealed_file_is_hashed_and_opens_with_the_examiners_key_alone(
    sealed: MediaKey, tmp_path: Path, size: int, piece: int
) -> None:
    content = os.urandom(size)
    received = take(content, piece)
    assert received.sha256 == hashlib.sha256(content).hexdigest()
    assert received.policy is MediaPolicy.SEALED
    carried = tmp_path / "carried"
    export_media(OPERATOR, exhibit_id=_exhibit(received), reason="Order 7", out=carried)
    opened = open_carried(sealed, sealed=carried, out=tmp_path / "plain")
    assert (tmp_path / "plain").read_bytes() == content
    assert (opened.size, opened.md5, opened.sha1, opened.sha256) == (
        received.size,
        received.md5,
        received.sha1,
        received.sha256,
    )


def test_the_same_file_is_one_exhibit_for_one_key(sealed: MediaKey, home: Path) -> None:
    one = take(b"the same" * 10_000)
    size = sum(path.stat().st_size for path in _files(home))
    assert take(b"the same" * 10_000, 77) == one
    assert Exhibit.objects.count() == 1
    assert sum(path.stat().st_size for path in _files(home)) == size
    trust_media_key(OPERATOR, public=MediaKey.make().recipient.text)
    assert take(b"the same" * 10_000).exhibit_id != one.exhibit_id


def test_a_document_of_the_same_bytes_still_opens_here(sealed: MediaKey) -> None:
    """A platform must not be able to close its own report by uploading it as a file first, nor the other way round."""
    uploaded = take(b"<report/>")
    (document,) = store_exhibits([exhibit_sealer().seal(b"<report/>")])
    assert document != uploaded.exhibit_id
    assert open_exhibit(document) == b"<report/>"
    assert take(b"<report/>") == uploaded
    recipients = dict(Exhibit.objects.values_list("id", "recipient"))
    assert not recipients[document]
    assert bytes(recipients[_exhibit(uploaded)]) == sealed.recipient.id


def test_the_installation_says_that_it_cannot_open_it(sealed: MediaKey) -> None:
    exhibit = _exhibit(take(b"x"))
    for ask in (open_exhibit, stream_exhibit):
        with pytest.raises(SealedToRecipient, match="amaan media export"):
            ask(exhibit)


def test_an_upload_given_up_leaves_nothing(sealed: MediaKey, home: Path) -> None:
    sink = media_sink()
    sink.write(os.urandom(200_000))
    sink.abort()
    sink.abort()
    with pytest.raises(MediaAborted):
        sink.finish()
    with pytest.raises(MediaAborted):
        sink.write(b"more")
    assert _files(home) == []
    assert not Exhibit.objects.exists()


def test_giving_up_what_is_finished_changes_nothing(sealed: MediaKey) -> None:
    sink = media_sink()
    sink.write(b"abc")
    received = sink.finish()
    sink.abort()
    assert sink.finish() == received
    with pytest.raises(MediaAborted):
        sink.write(b"more")
    assert check_vault().sound


def test_a_full_disk_leaves_nothing(sealed: MediaKey, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = media_sink()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(vault, "_write_all", full)
        with pytest.raises(OSError, match="No space"):
            sink.write(bytes(200_000))
    sink.abort()
    assert _files(home) == []


def test_bytes_are_on_the_disk_before_there_is_a_row(
    sealed: MediaKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = media_sink()
    sink.write(b"x")

    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(vault, "_sync", broken)
    with pytest.raises(OSError, match="Input/output"):
        sink.finish()
    assert not Exhibit.objects.exists()


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_hundred_megabytes_are_sealed_in_flat_memory(sealed: MediaKey) -> None:
    take(bytes(1 << 20))
    before, most, block = _resident(), 0, os.urandom(1 << 20)
    sink = media_sink()
    for _ in range(100):
        sink.write(block)
        most = max(most, _resident())
    assert sink.finish().size == 100 << 20
    assert most - before < 8 << 20


# --- two at once, and a process that dies


@pytest.mark.django_db(transaction=True)
def test_the_same_file_from_two_at_once_is_one_exhibit(sealed: MediaKey) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    content = os.urandom(3 * CHUNK)
    ready = threading.Barrier(4)

    def one(_: int) -> ReceivedFile:
        try:
            sink = media_sink()
            sink.write(content)
            ready.wait()
            return sink.finish()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        received = list(pool.map(one, range(4)))
    assert len(set(received)) == 1
    assert Exhibit.objects.count() == 1
    found = check_vault()
    assert (found.sound, found.orphan_packs, found.unfinished) == (True, [], [])
    assert MediaRule.objects.count() >= 1


def test_what_a_killed_process_left_is_swept_and_what_is_being_written_is_not(
    sealed: MediaKey, home: Path
) -> None:
    writing = media_sink()
    writing.write(b"still arriving")
    (mine,) = (home / "vault" / "incoming").iterdir()
    dead = mine.with_name("00.part")
    dead.write_bytes(b"x")
    fresh = mine.with_name("01.part")
    fresh.write_bytes(b"x")
    for path in (mine, dead):
        os.utime(path, (0, 0))
    assert sweep_unfinished() == ["00.part"]
    assert sorted((home / "vault" / "incoming").iterdir()) == sorted([mine, fresh])
    assert writing.finish().size == 14
    assert check_vault().sound


# --- what the server can't do


def _keys_of_the_server() -> set[bytes]:
    """Every 32 bytes that are a key here: of the key files, of the database, and derived from them."""
    folder = Path(django_settings.AMAAN_KEYS)
    keyring = read_keyring(folder)
    found = {root.key for root in keyring.roots.values()}
    found |= {keyring.wrapping(name) for name in keyring.roots}
    document = json.loads((folder / KEYRING).read_text())
    found |= {base64.b64decode(text) for text in document["indexes"].values()}
    found.add(base64.b64decode((folder / SIGNING_KEY).read_text()))
    found |= {opener().data_key(key_id) for key_id in DataKey.objects.values_list("id", flat=True)}
    found |= {hashlib.sha256(path.read_bytes()).digest() for path in _files(folder)}
    assert len(found) > 5
    return found


def test_with_everything_that_the_server_has_the_file_does_not_open(
    sealed: MediaKey, home: Path, tmp_path: Path
) -> None:
    exhibit_sealer()  # there is a data key, too
    exhibit = _exhibit(take(b"PLANTED" * 1_000))
    export_media(OPERATOR, exhibit_id=exhibit, reason="Order 7", out=tmp_path / "carried")
    blob = (tmp_path / "carried").read_bytes()
    for key in _keys_of_the_server():
        with pytest.raises(CryptoError):
            SealedBox(PrivateKey(key)).decrypt(blob[18:98])
    # The private half stands nowhere: not in the data, not beside the keys, in no form.
    traces = (KEY.private, KEY.private.hex().encode(), base64.b64encode(KEY.private), b"media-private")
    places = [*_files(home), *_files(Path(django_settings.AMAAN_KEYS))]
    assert any(KEY.recipient.text.encode() in path.read_bytes() for path in places)
    for path in places:
        content = path.read_bytes()
        assert not any(trace in content for trace in traces), path
        assert b"PLANTED" not in content
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                for value in row:
                    held = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    assert not any(trace in held for trace in (*traces, b"PLANTED")), table


def test_the_key_command_writes_to_no_folder_of_the_server(settings: Settings, home: Path) -> None:
    home.mkdir()
    for folder in (home, Path(settings.AMAAN_KEYS)):
        result = CliRunner().invoke(media_app, ["key", "--out", str(folder / "examiner.key")])
        assert result.exit_code == 2
        assert not (folder / "examiner.key").exists()


# --- the vault's check


def _check(code: int) -> dict[str, object]:
    result = CliRunner().invoke(vault_app, ["check", "--json"], catch_exceptions=False)
    assert result.exit_code == code, result.output
    found: dict[str, object] = json.loads(result.output)
    return found


def test_check_compares_what_it_cannot_open(sealed: MediaKey) -> None:
    exhibit = _exhibit(take(os.urandom(CHUNK + 9)))
    (document,) = store_exhibits([exhibit_sealer().seal(b"a document")])
    found = _check(0)
    assert (found["exhibits"], found["sealed_to_recipient"], found["bytes"]) == (2, 1, 10)
    assert "1 of them are sealed" in CliRunner().invoke(vault_app, ["check"]).output
    row = Exhibit.objects.get(id=exhibit)
    path = next((Path(django_settings.AMAAN_HOME) / "vault").rglob(f"{row.pack}.pack"))
    content = path.read_bytes()
    for at in (0, 9, 10, 20, 100, 130, row.length - 1):
        changed = bytearray(content)
        changed[row.offset + at] ^= 1
        path.write_bytes(changed)
        assert str(_check(1)["broken"]).count("exhibit") == 1, at
    path.write_bytes(content[:-1])
    assert str(_check(1)["missing"]).count("exhibit") == 1
    path.unlink()
    assert len(_check(1)["missing"]) == 1  # type: ignore[arg-type]
    assert open_exhibit(document) == b"a document"


@pytest.mark.parametrize(
    "change", [{"size": 3}, {"recipient": bytes(8)}, {"sealed_digest": bytes(32)}, {"length": 140}]
)
def test_a_row_that_lies_is_named(sealed: MediaKey, tmp_path: Path, change: dict[str, object]) -> None:
    exhibit = _exhibit(take(b"four"))
    Exhibit.objects.filter(id=exhibit).update(**change)
    assert len(_check(1)["broken"]) == 1  # type: ignore[arg-type]
    with pytest.raises(SealBroken):
        export_media(OPERATOR, exhibit_id=exhibit, reason="Order 7", out=tmp_path / "carried")
    assert list(tmp_path.glob("carried*")) == []


# --- carried out, and opened


def test_taking_a_file_out_is_in_the_ledger_with_its_reason(sealed: MediaKey, tmp_path: Path) -> None:
    exhibit = _exhibit(take(b"content"))
    done = export_media(OPERATOR, exhibit_id=exhibit, reason=" Order 7 ", out=tmp_path / "carried")
    opened = open_media(OPERATOR, exhibit_id=exhibit, key=sealed, reason="Order 8", out=tmp_path / "plain")
    assert opened.exhibit_id == exhibit
    assert (tmp_path / "plain").read_bytes() == b"content"
    for name in ("carried", "plain"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert done.sha256 == hashlib.sha256((tmp_path / "carried").read_bytes()).hexdigest()
    assert done.recipient == sealed.recipient.id.hex()
    said = {act: (on, body) for act, on, body in _acts()}
    expected = {"sealed_sha256": done.sha256, "recipient": done.recipient}
    assert said["media.exported"] == (f"exhibit:{exhibit}", {"reason": "Order 7", **expected})
    assert said["media.opened"] == (f"exhibit:{exhibit}", {"reason": "Order 8", **expected})


def test_what_cannot_be_taken_out(sealed: MediaKey, tmp_path: Path) -> None:
    exhibit = _exhibit(take(b"content"))
    (document,) = store_exhibits([exhibit_sealer().seal(b"a document")])
    out = tmp_path / "out"
    with pytest.raises(NoReasonNamed):
        export_media(OPERATOR, exhibit_id=exhibit, reason="  ", out=out)
    with pytest.raises(ExhibitUnknown):
        export_media(OPERATOR, exhibit_id=10**9, reason="Order 7", out=out)
    with pytest.raises(NotSealedToRecipient):
        export_media(OPERATOR, exhibit_id=document, reason="Order 7", out=out)
    with pytest.raises(NotSealedToRecipient):
        open_media(OPERATOR, exhibit_id=document, key=sealed, reason="Order 7", out=out)
    assert {act for act, _, _ in _acts()} == {"media.key_trusted", "media.policy_set"}
    with pytest.raises(WrongMediaKey):
        open_media(OPERATOR, exhibit_id=exhibit, key=MediaKey.make(), reason="Order 7", out=out)
    assert list(tmp_path.glob("out*")) == []
    out.write_text("already here")
    with pytest.raises(FileInTheWay):
        export_media(OPERATOR, exhibit_id=exhibit, reason="Order 7", out=out)
    assert out.read_text() == "already here"


def test_a_broken_carried_file_leaves_no_plaintext(sealed: MediaKey, tmp_path: Path) -> None:
    exhibit = _exhibit(take(os.urandom(2 * CHUNK)))
    carried = tmp_path / "carried"
    export_media(OPERATOR, exhibit_id=exhibit, reason="Order 7", out=carried)
    carried.write_bytes(carried.read_bytes()[:-1])
    with pytest.raises(SealBroken):
        open_carried(sealed, sealed=carried, out=tmp_path / "plain")
    assert list(tmp_path.glob("plain*")) == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CUSTODIAN])
def test_only_a_custodian_takes_files_out(sealed: MediaKey, tmp_path: Path, role: Role) -> None:
    exhibit = _exhibit(take(b"content"))
    actor = actor_of(a_person(role))
    assert actor is not None
    with pytest.raises(NotAllowed):
        export_media(actor, exhibit_id=exhibit, reason="Order 7", out=tmp_path / "out")
    custodian = actor_of(a_person(Role.CUSTODIAN))
    assert custodian is not None
    assert export_media(custodian, exhibit_id=exhibit, reason="Order 7", out=tmp_path / "out").bytes > 0


# --- which policy holds


def test_sealed_without_a_key_takes_nothing(settings: Settings, home: Path) -> None:
    settings.AMAAN_MEDIA = "sealed"
    for ask in (media_sink, lambda: settle_policy(OPERATOR)):
        with pytest.raises(MediaKeyMissing, match="amaan media trust"):
            ask()
    assert not home.exists()


def test_a_server_without_a_key_does_not_start(settings: Settings) -> None:
    refuse_unfit()
    settings.AMAAN_MEDIA = "sealed"
    assert [error.id for error in files_have_a_key()] == ["amaan.E003"]
    with pytest.raises(ServerRefused, match="amaan media trust"):
        refuse_unfit()
    (Path(settings.AMAAN_KEYS) / MEDIA_KEY).write_text("not a key")
    with pytest.raises(ServerRefused, match="not a public media key"):
        refuse_unfit()


def test_amaan_serve_refuses_with_one_line(tmp_path: Path) -> None:
    place = Installation.prepared(tmp_path / "here")
    done = subprocess.run(
        [*AMAAN, "serve"],
        check=False,
        env={**place.environment, "AMAAN_MEDIA": "sealed"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    assert "amaan media trust" in done.stderr


def test_every_change_of_policy_or_key_is_one_entry_before_the_first_file(settings: Settings) -> None:
    other = MediaKey.make()
    settle_policy(OPERATOR)
    take(b"a")
    trust_media_key(OPERATOR, public=KEY.recipient.text)
    settings.AMAAN_MEDIA = "sealed"
    take(b"a")
    take(b"b")
    settle_policy(OPERATOR)
    trust_media_key(OPERATOR, public=other.recipient.text)
    take(b"a")
    settings.AMAAN_MEDIA = "hash-only"
    settle_policy(OPERATOR)
    assert [(act, on) for act, on, _ in _acts()] == [
        ("media.key_trusted", f"media-key:{KEY.recipient.id.hex()}"),
        ("media.policy_set", "media:sealed"),
        ("media.key_trusted", f"media-key:{other.recipient.id.hex()}"),
        ("media.policy_set", "media:sealed"),
        ("media.policy_set", "media:hash-only"),
    ]
    bodies = [body for act, _, body in _acts() if act == "media.policy_set"]
    assert [(body["before"], body["policy"]) for body in bodies] == [
        ("hash-only", "sealed"),
        ("sealed", "sealed"),
        ("sealed", "hash-only"),
    ]
    assert bodies[0]["fingerprint"] == KEY.recipient.fingerprint
    assert MediaRule.objects.count() == 3


def test_only_who_manages_platforms_changes_the_key() -> None:
    for role in Role:
        actor = actor_of(a_person(role))
        assert actor is not None
        if role is Role.ADMINISTRATOR:
            assert trust_media_key(actor, public=KEY.recipient.text) == KEY.recipient
        else:
            with pytest.raises(NotAllowed):
                trust_media_key(actor, public=KEY.recipient.text)


# --- the commands, from ceremony to opening


def test_from_the_ceremony_to_the_examiners_desk(settings: Settings, tmp_path: Path) -> None:
    run = CliRunner()
    stick = tmp_path / "stick"
    stick.mkdir()
    made = run.invoke(media_app, ["key", "--out", str(stick / "examiner.key")])
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE((stick / "examiner.key").stat().st_mode) == 0o600
    private = (stick / "examiner.key").read_text().strip()
    assert private not in made.output
    public = made.stdout.splitlines()[0]
    trusted = run.invoke(media_app, ["trust", public])
    assert trusted.exit_code == 0
    fingerprint = MediaKey.parse(private).recipient.fingerprint
    assert fingerprint in trusted.output
    assert fingerprint in made.output
    settings.AMAAN_MEDIA = "sealed"
    number = str(_exhibit(take(b"content")))

    carried, plain = str(stick / "sealed"), str(tmp_path / "plain")
    refused = run.invoke(media_app, ["export", number, "--out", carried, "--reason", " "])
    assert (refused.exit_code, refused.output.count("\n")) == (2, 1)
    assert run.invoke(media_app, ["export", number, "--out", carried, "--reason", "Order 7"]).exit_code == 0
    key = ["--key", str(stick / "examiner.key")]
    opened = run.invoke(media_app, ["open", *key, carried, "--out", plain])
    assert opened.exit_code == 0, opened.output
    assert hashlib.sha256(b"content").hexdigest() in opened.output
    assert Path(plain).read_bytes() == b"content"
    again = run.invoke(media_app, ["open", *key, carried, "--out", plain])
    assert (again.exit_code, again.output.count("\n")) == (2, 1)
    here = run.invoke(
        media_app, ["open", *key, "--exhibit", number, "--out", f"{plain}2", "--reason", "Order 8"]
    )
    assert here.exit_code == 0, here.output
    assert run.invoke(media_app, ["open", *key, "--out", f"{plain}3"]).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["trust", "amaan-media-1:x:y"],
        ["trust", ""],
        ["open", "--key", "/nonexistent", "s", "--out", "/nonexistent/o"],
    ],
)
def test_what_an_operator_can_mend_is_one_line(arguments: list[str]) -> None:
    result = CliRunner().invoke(media_app, arguments)
    assert (result.exit_code, result.output.count("\n")) == (2, 1)


def test_the_examiners_commands_make_no_database() -> None:
    assert not needs_installation("key", ["amaan", "media", "key"])
    assert not needs_installation("open", ["amaan", "media", "open", "--key", "k", "sealed"])
    assert needs_installation("open", ["amaan", "media", "open", "--exhibit", "3"])
    assert needs_installation("trust", [])
    assert needs_installation("export", [])
