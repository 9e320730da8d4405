"""The first half of the first walk, through the command line as an operator walks it.

A ZIP of real documents comes in, every report is banded with reasons that `amaan triage explain` prints, what
cannot be read waits in quarantine, and the ledger verifies.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest
from tests.strategies import cybertipline as strategies

from amaan.demo import samples
from amaan.formats.cybertipline import xml

AMAAN = [sys.executable, "-m", "amaan.cli"]


class Installation:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        source = Path(__file__).resolve().parents[2] / "src"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("AMAAN_")}
        self.environment = kept | {
            "AMAAN_HOME": str(folder / "home"),
            "AMAAN_KEYS": str(folder / "keys"),
            "PYTHONPATH": str(source),
            "HOME": str(folder),
        }

    def run(self, *arguments: str | Path, exits: int = 0) -> str:
        done = subprocess.run(
            [*AMAAN, *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == exits, done.stdout + done.stderr
        return done.stdout if exits == 0 else done.stdout + done.stderr

    def references(self) -> list[str]:
        import sqlite3

        with sqlite3.connect(self.folder / "home" / "amaan.sqlite3") as db:
            return [row[0] for row in db.execute("SELECT reference FROM reports_report ORDER BY id")]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def _archive(path: Path, documents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, raw in documents.items():
            zipped.writestr(name, raw)
    return path


@pytest.mark.slow
def test_documents_become_banded_reports_with_reasons_and_a_verified_ledger(
    installation: Installation, tmp_path: Path
) -> None:
    documents = {
        "Pixboard/100/report.xml": samples.report_xml(),
        "Pixboard/101/report.xml": strategies.fullest_report(1),
        "Pixboard/101/file-1.xml": strategies.fullest_file(1),
        "Pixboard/102/report.xml": samples.report_xml()[:200],
    }
    path = _archive(tmp_path / "in.zip", documents)

    summary = json.loads(installation.run("import", path, "--json").strip().splitlines()[-1])
    assert summary == {"received": 3, "stored": 2, "versions": 0, "duplicates": 0, "quarantined": 1}

    for reference in installation.references():
        explained = json.loads(installation.run("triage", "explain", reference, "--json"))
        assert explained["reference"] == reference
        assert explained["reasons"]
        assert all(reason["reason_en"] and reason["reason_ur"] for reason in explained["reasons"])
    installation.run("ledger", "verify")
    assert "malformed" in installation.run("quarantine", "list")
    again = json.loads(installation.run("import", path, "--json").strip().splitlines()[-1])
    assert again == {"received": 3, "stored": 0, "versions": 0, "duplicates": 2, "quarantined": 1}
    installation.run("vault", "check")


@pytest.mark.shared
@pytest.mark.slow
def test_the_documented_sample_and_other_valid_documents_of_the_official_schema(
    installation: Installation, tmp_path: Path, shared: Path
) -> None:
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(shared / "formats" / "cybertipline" / "cybertipline-report.xsd"))
    given = shared / "formats" / "cybertipline" / "samples"
    documents = {
        "Example/4564654/report.xml": (given / "doc-00-report.xml").read_bytes(),
        "Example/4564654/file-1.xml": (given / "doc-03-fileDetails.xml").read_bytes(),
    }
    for number in range(1, 6):
        documents[f"Pixboard/{number}/report.xml"] = strategies.fullest_report(number)
        documents[f"Pixboard/{number}/file-1.xml"] = strategies.fullest_file(number)
    for raw in documents.values():
        schema.assertValid(etree.fromstring(raw))
        assert xml.read(raw).remainder == []

    out = installation.run("import", _archive(tmp_path / "official.zip", documents), "--json")
    counts = json.loads(out.strip().splitlines()[-1])
    assert counts["stored"] == counts["received"] == 6
    bands = [
        json.loads(installation.run("triage", "explain", r, "--json"))["band"]
        for r in installation.references()
    ]
    assert len(bands) == 6
    assert "Somebody threatens" in installation.run("triage", "explain", installation.references()[0])
    assert "verifies" in installation.run("ledger", "verify")


@pytest.mark.slow
def test_the_server_answers_starts_again_quickly_and_ends_cleanly(installation: Installation) -> None:
    port = 18000 + os.getpid() % 1000
    for _ in range(2):
        began = time.monotonic()
        server = subprocess.Popen([*AMAAN, "serve", "--port", str(port)], env=installation.environment)
        try:
            _wait_for(port)
            took = time.monotonic() - began
            said = json.loads(urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read())
            assert said["database"] == "ok"
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(20) == 0
    assert took < 5
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not answer")


@pytest.mark.slow
def test_a_demo_world_is_never_served_beyond_this_machine(installation: Installation) -> None:
    installation.run("demo", "--reports", "1")
    assert "demo.json" in installation.run("serve", "--bind", "0.0.0.0", "--port", "18999", exits=2)


@pytest.mark.slow
def test_what_an_operator_can_mend_is_one_line_and_exit_code_two(
    installation: Installation, tmp_path: Path
) -> None:
    import socket

    said = installation.run("quarantine", "retry", "999", exits=2)
    assert "Nothing waits under number 999" in said
    assert "Traceback" not in said
    said = installation.run("quarantine", "retry", "--mapping", tmp_path / "none.toml", exits=2)
    assert "none.toml" in said
    assert "Traceback" not in said
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = installation.run("serve", "--port", str(port), exits=2)
    assert f"Port {port}" in said
    assert "answers on" not in said
