"""The first half of the first walk, through the command line as an operator walks it.

A ZIP of real documents comes in, every report is banded with reasons that `amaan triage explain` prints, what
cannot be read waits in quarantine, and the ledger verifies.
"""

from __future__ import annotations

import json
import resource
import signal
import socket
import subprocess
import time
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.browser import demo_world
from tests.journeys.installation import Installation, kill_all
from tests.strategies import cybertipline as strategies

from amaan.demo import samples
from amaan.formats.cybertipline import xml


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation.prepared(tmp_path / "here")


def _said(installation: Installation, *arguments: str | Path) -> Any:
    """What a command with --json says: its last line."""
    return json.loads(installation.run(*arguments, "--json").strip().splitlines()[-1])


def _references(installation: Installation) -> list[str]:
    return [
        reference for (reference,) in installation.rows("SELECT reference FROM reports_report ORDER BY id")
    ]


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

    summary = _said(installation, "import", path)
    assert summary == {"received": 3, "stored": 2, "versions": 0, "duplicates": 0, "quarantined": 1}

    for reference in _references(installation):
        explained = _said(installation, "triage", "explain", reference)
        assert explained["reference"] == reference
        assert explained["reasons"]
        assert all(reason["reason_en"] and reason["reason_ur"] for reason in explained["reasons"])
    installation.run("ledger", "verify")
    assert "malformed" in installation.run("quarantine", "list")
    again = _said(installation, "import", path)
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

    counts = _said(installation, "import", _archive(tmp_path / "official.zip", documents))
    assert counts["stored"] == counts["received"] == 6
    assert installation.rows("SELECT count(*) FROM triage_assessment WHERE current")[0][0] == 6
    assert "Somebody threatens" in installation.run("triage", "explain", _references(installation)[0])
    assert "verifies" in installation.run("ledger", "verify")


@pytest.mark.slow
def test_the_server_answers_starts_again_quickly_and_ends_cleanly(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    took = []
    for _ in range(2):
        before = _seconds_of_children()
        server = installation.start("serve", "--port", str(port))
        try:
            _wait_for(port)
            said = json.loads(urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read())
            assert said["database"] == "ok"
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.communicate(timeout=120)
            except subprocess.TimeoutExpired:
                kill_all(server)
                raise
        assert server.returncode == 0
        took.append(_seconds_of_children() - before)
    assert took[1] < took[0], "a second start has nothing to set up"
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)


def _seconds_of_children() -> float:
    """Of the processor: the clock would tell of whoever else works on this machine."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _wait_for(port: int) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not answer")


@pytest.mark.slow
def test_a_demo_world_is_never_served_beyond_this_machine(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "demo", like=demo_world())
    assert "demo.json" in installation.run("serve", "--bind", "0.0.0.0", "--port", "18999", exits=2)


@pytest.mark.slow
def test_what_an_operator_can_mend_is_one_line_and_exit_code_two(
    installation: Installation, tmp_path: Path
) -> None:
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
