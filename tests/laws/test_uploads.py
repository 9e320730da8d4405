"""Law: no uploaded file is written to a disk in clear, by any view. By the settings, by the source, and by trying."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from pytest_django import Settings
from tests.laws.source import SOURCE, modules, where
from tests.photos import decoder_ready, grain
from tests.rooms.referrals.platform import Caller, a_platform, fresh_wire

from amaan.accounts.audience import PUBLIC, audience
from amaan.accounts.models import Unit
from amaan.authority.actors import Actor
from amaan.evidence.domain import MediaKey
from amaan.evidence.models import Exhibit
from amaan.evidence.services import photos, trust_media_key
from amaan.keyring.files import MEDIA_KEY
from amaan.referrals.models import OpenFile
from amaan.referrals.uploads import DropFiles, receives_files, uploaded
from amaan.web.urls import urlpatterns as all_patterns

# Whoever needs one of these writes down here which file it is for, and why nothing uploaded can be in it.
MAY_WRITE_TEMPORARY_FILES = {
    "src/amaan/cli/evaluation/command.py": "an installation of invented documents, thrown away; no request reaches it",
    "src/amaan/cli/evaluation/rings/command.py": "the same, of invented rings",
    "src/amaan/cli/serving.py": "a folder for the door's socket, made before any request; a socket holds no file",
    "src/amaan/demo/services.py": "the invented documents, on their way into the importer; the demo takes no file",
}

_TEMPORARY = {
    "tempfile",
    "SpooledTemporaryFile",
    "NamedTemporaryFile",
    "TemporaryFile",
    "TemporaryUploadedFile",
}
_KEEPING = {
    "InMemoryUploadedFile",
    "SimpleUploadedFile",
    "TemporaryFileUploadHandler",
    "MemoryFileUploadHandler",
}


# --- by the settings and the source


def test_the_settings_name_our_way_alone() -> None:
    assert django_settings.FILE_UPLOAD_HANDLERS == ["amaan.referrals.uploads.DropFiles"]
    assert not hasattr(django_settings, "MEDIA_ROOT") or django_settings.MEDIA_ROOT == ""
    assert DropFiles.__module__ == "amaan.referrals.uploads"


def _names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or ""
            for name in node.names:
                yield from ((part, node.lineno) for part in (*module.split("."), *name.name.split(".")))
        elif isinstance(node, ast.Name | ast.Attribute):
            yield getattr(node, "id", getattr(node, "attr", "")), node.lineno


def keepers(tree: ast.Module) -> list[tuple[str, int]]:
    """Where a module could put an upload into memory or a temporary file by Django's or Python's own means."""
    return [(name, line) for name, line in _names(tree) if name in _TEMPORARY | _KEEPING]


def test_no_module_knows_a_temporary_file_nor_djangos_own_ways() -> None:
    found = {where(file, line): name for file, tree in modules().items() for name, line in keepers(tree)}
    assert {
        place: name for place, name in found.items() if place.split(":")[0] not in MAY_WRITE_TEMPORARY_FILES
    } == {}


@pytest.mark.parametrize(
    "source",
    [
        "import tempfile",
        "from tempfile import mkstemp",
        "from django.core.files.uploadedfile import TemporaryUploadedFile",
        "from django.core.files import uploadhandler\nuploadhandler.MemoryFileUploadHandler()",
    ],
)
def test_the_search_can_fail(source: str) -> None:
    assert keepers(ast.parse(source)) != []


def test_only_the_uploads_module_chooses_who_takes_files() -> None:
    choosers = {
        file
        for file, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"upload_handlers", "_upload_handlers"}
    }
    assert choosers == {SOURCE / "referrals" / "uploads.py"}


# --- by trying


@audience(PUBLIC)
@csrf_exempt
@receives_files
def taking(request: HttpRequest) -> HttpResponse:
    file = uploaded(request, "file")
    assert file is not None
    return HttpResponse(str(file.received.size))


@audience(PUBLIC)
@csrf_exempt
def unmarked(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.FILES)))


@audience(PUBLIC)
@csrf_exempt
@receives_files
def failing(request: HttpRequest) -> HttpResponse:
    assert uploaded(request, "file") is not None
    raise ZeroDivisionError


urlpatterns = [*all_patterns, path("taking", taking), path("unmarked", unmarked), path("failing", failing)]


class Written:
    """Every path that this process opens for writing, by the interpreter's own audit of `open`."""

    def __init__(self) -> None:
        self.watching = False
        self.paths: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.watching or event != "open":
            return
        name, mode, flags = arguments
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND) if isinstance(flags, int) else 0
        if writes or (isinstance(mode, str) and set(mode) & set("wax+")):
            self.paths.append(str(name))


@pytest.fixture(scope="module", autouse=True)
def _started() -> None:
    decoder_ready()


_written = Written()  # an audit hook can't be taken away again, so there is one


@pytest.fixture
def written() -> Iterator[list[str]]:
    _written.paths = []
    _written.watching = True
    yield _written.paths
    _written.watching = False


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Path:
    """The data folder and TMPDIR, both empty and this test's own."""
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    settings.AMAAN_HOME = tmp_path / "home"
    settings.ROOT_URLCONF = __name__
    return tmp_path


def _heads(payload: bytes) -> frozenset[bytes]:
    """16 bytes of every 32: any 64 bytes in a row hold one of them whole. Random ones meet nowhere by chance."""
    return frozenset(payload[start : start + 16] for start in range(0, len(payload) - 15, 32))


def _holds(haystack: bytes, heads: frozenset[bytes]) -> bool:
    """Whether any 64 bytes of the payload in a row stand in it, wherever."""
    return any(haystack[at : at + 16] in heads for at in range(len(haystack) - 15))


def _everything_stored(*folders: Path) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file():
                yield str(file), file.read_bytes()
    if connection.vendor == "sqlite":
        name = Path(connection.settings_dict["NAME"])
        yield from ((str(file), file.read_bytes()) for file in name.parent.glob(f"{name.name}*"))
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                for value in row:
                    yield (
                        table,
                        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode(),
                    )


def _assert_nowhere(payload: bytes, *folders: Path) -> None:
    heads = _heads(payload)
    assert [place for place, held in _everything_stored(*folders) if _holds(held, heads)] == []


@pytest.mark.parametrize("start", [0, 1, 31, 32, 777, 99_936])
def test_the_scan_would_find_any_64_bytes_anywhere(start: int) -> None:
    payload = os.urandom(100_000)
    assert _holds(b"x" * 31 + payload[start : start + 64] + b"y" * 50, _heads(payload))
    assert not _holds(os.urandom(100_000), _heads(payload))


def test_the_watch_sees_every_way_of_writing(tmp_path: Path, written: list[str]) -> None:
    (tmp_path / "a").write_bytes(b"x")
    os.close(os.open(tmp_path / "b", os.O_WRONLY | os.O_CREAT, 0o600))
    import tempfile

    with (
        tempfile.TemporaryFile(dir=tmp_path),
        tempfile.SpooledTemporaryFile(max_size=1, dir=tmp_path) as spooled,
    ):
        spooled.write(b"xx")
    (tmp_path / "a").read_bytes()
    assert {str(tmp_path / "a"), str(tmp_path / "b")} <= set(written)
    assert len(written) >= 4


def _database(name: str) -> bool:
    """SQLite's own file, its log and the turnstile's locks: rows, which the scan reads."""
    place = str(connection.settings_dict["NAME"])
    return name.startswith(place)


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["taking", "unmarked", "failing"])
def test_nothing_of_an_upload_is_written_anywhere(route: str, temporary: Path, written: list[str]) -> None:
    payload = os.urandom(3 << 20)
    client = Client(raise_request_exception=False)
    answer = client.post(f"/{route}", {"id": "1", "file": SimpleUploadedFile("a.jpg", payload)})
    assert answer.status_code == (500 if route == "failing" else 200)
    assert answer.content == {"taking": b"3145728", "unmarked": b"0"}.get(route, answer.content)
    assert [name for name in written if not _database(name)] == []
    _assert_nowhere(payload, temporary, Path(django_settings.AMAAN_KEYS))


@pytest.fixture
def pix() -> Iterator[Caller]:
    wire = fresh_wire()
    next(wire)
    yield a_platform(Unit.objects.get_or_create(code="lahore", defaults={"name": "Lahore"})[0])
    next(wire, None)


@pytest.mark.django_db
def test_nothing_of_a_file_on_the_platforms_wire_is_written_anywhere(
    pix: Caller, temporary: Path, written: list[str]
) -> None:
    payload = os.urandom(3 << 20)
    number = pix.submit()
    del written[:]
    file_id = pix.upload(number, payload)
    assert [name for name in written if not _database(name)] == []
    pix.describe(number, file_id)
    assert pix.finish(number).files == [file_id]
    _assert_nowhere(payload, temporary, Path(django_settings.AMAAN_KEYS))


@pytest.mark.django_db
def test_nothing_of_a_photo_is_written_by_us_or_by_its_decoder(
    pix: Caller, temporary: Path, written: list[str]
) -> None:
    photo = grain(1000)
    number = pix.submit()
    before = _decoders_writes()
    del written[:]
    file_id = pix.upload(number, photo)
    assert [name for name in written if not _database(name)] == []
    assert OpenFile.objects.get(file_id=file_id).pdq is not None
    assert _decoders_writes() == before
    (pid,) = photos.decoder().pids
    assert "Max file size             0                    0" in Path(f"/proc/{pid}/limits").read_text()
    opened = {str(link.readlink()).partition(":")[0] for link in Path(f"/proc/{pid}/fd").iterdir()}
    assert opened <= {"pipe", "/dev/null"}
    assert pix.finish(number).files == [file_id]
    _assert_nowhere(photo, temporary, Path(django_settings.AMAAN_KEYS))


def _decoders_writes() -> str:
    """Bytes that the decoder's process caused to be sent to any disk, as the kernel counts."""
    (pid,) = photos.decoder().pids
    told = Path(f"/proc/{pid}/io").read_text().splitlines()
    return next(line for line in told if line.startswith("write_bytes"))


@pytest.mark.django_db
def test_an_empty_file_stays_nowhere(pix: Caller, temporary: Path, settings: Settings) -> None:
    trusted = Path(settings.AMAAN_KEYS) / MEDIA_KEY
    trust_media_key(Actor.system("test"), public=MediaKey.make().recipient.text)
    settings.AMAAN_MEDIA = "sealed"
    try:
        answer = pix.form("upload", id=pix.submit(), file=SimpleUploadedFile("a.jpg", b""))
        assert answer.code == 4200
        assert [file for file in (temporary / "home").rglob("*") if file.is_file()] == []
        assert not Exhibit.objects.exists()
    finally:
        trusted.unlink(missing_ok=True)


@pytest.mark.django_db
def test_a_sealed_file_on_the_wire_is_written_as_ciphertext_alone(
    pix: Caller, temporary: Path, written: list[str], settings: Settings
) -> None:
    trusted = Path(settings.AMAAN_KEYS) / MEDIA_KEY
    trust_media_key(Actor.system("test"), public=MediaKey.make().recipient.text)
    settings.AMAAN_MEDIA = "sealed"
    try:
        payload = grain(1024)
        number = pix.submit()
        del written[:]
        file_id = pix.upload(number, payload)
        assert OpenFile.objects.get(file_id=file_id).pdq is not None
        vault = str(temporary / "home" / "vault")
        elsewhere = [name for name in written if not _database(name) and not name.startswith(vault)]
        assert elsewhere == []
        assert any(name.startswith(vault) for name in written)
        assert (
            sum(file.stat().st_size for file in (temporary / "home" / "vault").rglob("*.pack")) > 3 << 20
        )  # a megapixel, sealed
        assert pix.finish(number).files == [file_id]
        _assert_nowhere(payload, temporary, Path(settings.AMAAN_KEYS))
    finally:
        trusted.unlink(missing_ok=True)


@pytest.mark.django_db
def test_a_file_that_no_report_takes_stays_nowhere(pix: Caller, temporary: Path, settings: Settings) -> None:
    trusted = Path(settings.AMAAN_KEYS) / MEDIA_KEY
    trust_media_key(Actor.system("test"), public=MediaKey.make().recipient.text)
    settings.AMAAN_MEDIA = "sealed"
    try:
        answer = pix.form("upload", id=987654321, file=SimpleUploadedFile("a.jpg", os.urandom(200_000)))
        assert answer.code == 5001
        assert [file for file in (temporary / "home").rglob("*") if file.is_file()] == []
    finally:
        trusted.unlink(missing_ok=True)
