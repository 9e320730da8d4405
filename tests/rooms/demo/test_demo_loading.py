"""A demo world goes in by the real importer, into an installation that holds nothing else."""

from __future__ import annotations

import json
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from amaan.accounts.models import Membership, User
from amaan.accounts.services import add_person, add_unit
from amaan.authority.actors import Actor, Role
from amaan.demo import neighbours
from amaan.demo.commands import demo
from amaan.demo.documents import LabelsAmongDocuments, write_archive, write_world
from amaan.demo.generator.known import ONE_IN
from amaan.demo.generator.standard import standard_documents
from amaan.demo.generator.world import generate
from amaan.demo.past import fates
from amaan.demo.people import describe_sign_in, passphrase_file, shared_passphrase
from amaan.demo.services import (
    AnotherDemoWorld,
    RealInstallation,
    load_world,
    marker_path,
    standing_marker,
)
from amaan.reports.domain.outcomes import CloseReason
from amaan.reports.models import Outcome
from amaan.reports.selectors import decided_reports, report_count

UNTIL = datetime(2025, 7, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, settings: Any) -> Iterator[None]:
    """A home of its own: the marker changes how the whole installation treats people."""
    settings.AMAAN_HOME = tmp_path / "home"
    settings.AMAAN_HOME.mkdir()
    # Eleven passphrases a test, hashed as slowly as in earnest, would take longer than all else together.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    yield
    passphrase_file().unlink(missing_ok=True)


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The importer stands aside; what it would have read is noted."""
    paths: list[Path] = []

    def note(actor: Actor, path: Path, unit: str, progress: Callable[[int], None]) -> dict[str, int]:
        assert path.exists()
        assert standing_marker() is not None, "the marker stands before the first report"
        paths.append(path)
        return {}

    monkeypatch.setattr(neighbours, "import_documents", note)
    return paths


@pytest.mark.pure
def test_the_list_of_known_files_is_made_of_digits_alone(tmp_path: Path) -> None:
    """What is on it lies in the documents or nowhere; it says no kind, no number and no name, and is the same again."""
    first, again = (
        write_world(seed=2, reports=120, until=UNTIL, folder=tmp_path / name) for name in ("one", "two")
    )
    told = first.known.read_text("ascii")
    assert told == again.known.read_text("ascii")
    rows = [line.split(",") for line in told.splitlines()[1:]]
    documents = b"".join(path.read_bytes() for path in (tmp_path / "one").rglob("*.xml")).decode()
    there = [md5 for _, md5, _, _ in rows if md5 in documents]
    assert 0 < len(there) < len(rows) - 300
    assert all(int(md5, 16) % ONE_IN == 0 and name == f"demo-{md5[:12]}" for name, md5, _, _ in rows[400:])
    assert tmp_path / "one" not in first.known.parents


@pytest.mark.pure
def test_documents_and_labels_are_written_apart(tmp_path: Path) -> None:
    written = write_world(
        seed=2,
        reports=120,
        until=UNTIL,
        folder=tmp_path / "documents",
        labels=tmp_path / "labels.json",
        with_broken=True,
    )
    assert [path.name for path in written.paths] == ["first", "again", "broken"]
    labels = json.loads((tmp_path / "labels.json").read_text(encoding="utf-8"))
    assert labels["demo"] is True
    for label in labels["reports"]:
        name = "report.json" if label["format"] == "json" else "report.xml"
        assert (tmp_path / "documents" / "first" / label["entity"] / str(label["number"]) / name).is_file()
    expected = labels["expected"]
    assert expected["stored"] == len(labels["reports"]) == 120
    assert expected["received"] == sum(
        expected[name] for name in ("stored", "versions", "duplicates", "quarantined")
    )
    on_disk = [path for path in (tmp_path / "documents").glob("*/*/*") if path.is_dir()]
    assert len(on_disk) == expected["received"]
    assert len(labels["broken"]) == expected["quarantined"] > 0
    assert all(len(members) == 8 for members in labels["rings"].values())
    assert labels["rings"]
    assert all(len(members) == 2 for members in labels["pairs"].values())
    assert labels["pairs"]


@pytest.mark.pure
def test_nothing_broken_unless_asked(tmp_path: Path) -> None:
    written = write_world(seed=2, reports=60, until=UNTIL, folder=tmp_path / "documents")
    assert [path.name for path in written.paths] == ["first", "again"]


@pytest.mark.pure
def test_labels_never_lie_among_the_documents(tmp_path: Path) -> None:
    with pytest.raises(LabelsAmongDocuments):
        write_world(seed=2, reports=5, until=UNTIL, folder=tmp_path / "d", labels=tmp_path / "d" / "l.json")
    assert not (tmp_path / "d").exists()


@pytest.mark.pure
def test_archives_are_the_same_bytes_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_world(seed=2, reports=60, until=UNTIL, folder=tmp_path / name, archives=True)
    for name in ("first.zip", "again.zip"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    with zipfile.ZipFile(tmp_path / "one" / "first.zip") as archive:
        assert sum(entry.endswith(("report.xml", "report.json")) for entry in archive.namelist()) == 60


@pytest.mark.pure
def test_write_archive_counts_packages(tmp_path: Path) -> None:
    assert write_archive(standard_documents(1, 30), tmp_path / "standard.zip") == 30
    with zipfile.ZipFile(tmp_path / "standard.zip") as archive:
        assert len(archive.namelist()) == 60


@pytest.mark.django_db
def test_loading_marks_first_opens_accounts_and_imports_first_before_again(imported: list[Path]) -> None:
    load_world(seed=3, reports=60, until=UNTIL)
    assert [path.name for path in imported] == ["first.zip", "again.zip"]
    marker = standing_marker()
    assert marker is not None
    assert (marker.seed, marker.reports) == (3, 60)
    assert marker.loaded_at
    assert json.loads(marker_path().read_text())["demo"] is True
    roles = Membership.objects.filter(user__email__endswith="@demo.example").values_list("role", flat=True)
    assert sorted(roles) == sorted([*(role.value for role in Role), Role.SUPERVISOR.value])
    assert not list(marker_path().parent.glob("demo-*")), "the scratch folder is gone"


@pytest.mark.django_db
def test_documents_stay_where_they_were_asked_for(imported: list[Path], tmp_path: Path) -> None:
    load_world(seed=3, reports=60, until=UNTIL, documents=tmp_path / "kept")
    assert imported == [tmp_path / "kept" / "first", tmp_path / "kept" / "again"]
    assert list((tmp_path / "kept" / "first").rglob("report.xml"))


@pytest.mark.django_db
def test_the_shared_passphrase_signs_in_and_only_its_owner_reads_it(imported: list[Path]) -> None:
    load_world(seed=3, reports=5, until=UNTIL)
    assert stat.S_IMODE(passphrase_file().stat().st_mode) == 0o600
    passphrase = shared_passphrase()
    person = User.objects.get(email="intake@demo.example")
    assert person.check_password(passphrase)
    lines = describe_sign_in()
    assert Counter(line.partition("  ")[0] for line in lines) == {
        **{role.value.replace("_", " "): 1 for role in Role},
        "supervisor": 2,  # whoever proposed rules can't approve them
    }
    assert all(passphrase in line for line in lines)


@pytest.mark.django_db
def test_loading_again_takes_the_same_world_up_again(imported: list[Path]) -> None:
    first = load_world(seed=3, reports=5, until=UNTIL)
    second = load_world(seed=3, reports=5)
    assert (first.marker.at, first.marker.until) == (second.marker.at, second.marker.until)
    assert User.objects.filter(email="intake@demo.example").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("other", [{"seed": 4, "reports": 5}, {"seed": 3, "reports": 6}])
def test_another_world_is_refused(imported: list[Path], other: dict[str, int]) -> None:
    load_world(seed=3, reports=5, until=UNTIL)
    imported.clear()
    with pytest.raises(AnotherDemoWorld, match="seed 3"):
        load_world(seed=other["seed"], reports=other["reports"])
    assert not imported


@pytest.mark.django_db
def test_an_installation_with_people_is_never_polluted(imported: list[Path]) -> None:
    operator = Actor.system("cli")
    add_unit(operator, code="real", name="A real office")
    add_person(operator, email="officer@real.example", name="Officer", unit="real", role=Role.INTAKE_OFFICER)
    with pytest.raises(RealInstallation):
        load_world(seed=3, reports=5, until=UNTIL)
    assert not imported
    assert standing_marker() is None
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_an_installation_with_reports_is_never_polluted(
    imported: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "report_count", lambda: 1)
    with pytest.raises(RealInstallation):
        load_world(seed=3, reports=5, until=UNTIL)
    assert standing_marker() is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_the_real_importer_counts_what_the_labels_expect() -> None:
    loaded = load_world(seed=3, reports=60, until=UNTIL, with_broken=True)
    expected = loaded.expected
    assert dict(loaded.counted) == {
        "received": expected.received,
        "stored": 60,
        "versions": expected.versions,
        "duplicates": expected.duplicates,
        "quarantined": expected.quarantined,
    }
    assert min(expected.versions, expected.duplicates, expected.quarantined) > 0
    assert report_count() == 60
    again = load_world(seed=3, reports=60, with_broken=True)
    assert (again.counted["stored"], again.counted["versions"]) == (0, 0)
    assert report_count() == 60


@pytest.mark.pure
def test_the_past_is_the_same_every_time_and_worse_stories_end_in_cases_more_often() -> None:
    packages = list(generate(9, 2_000))
    ended = list(fates(9, packages))
    assert ended == list(fates(9, packages))
    assert {(one.entity, one.number) for one in ended} == {
        (package.entity, str(package.number)) for package in packages if package.folder == "first"
    }
    danger = {
        str(package.number): package.labels["danger"] for package in packages if package.folder == "first"
    }
    opened = {
        label: sum(one.what == "case" for one in ended if danger[one.number] == label)
        / list(danger.values()).count(label)
        for label in ("now", "serious", "none")
    }
    assert opened["now"] > opened["serious"] > opened["none"] > 0
    assert {one.code for one in ended if one.what == "closed"} <= set(CloseReason)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_past_is_decided_by_people_and_leaves_the_queue() -> None:
    load_world(seed=3, reports=5, until=UNTIL, decided=40)
    assert report_count() == 45
    first = list(Outcome.objects.values_list("report_id", "decision", "by"))
    assert len({report for report, _, _ in first}) == len(first) == 40
    assert {decision for _, decision, _ in first} >= {"case_opened", "closed"}
    assert all(by.startswith("staff:") for _, _, by in first)
    assert len(decided_reports([report for report, _, _ in first])) == 40
    load_world(seed=3, reports=5, decided=40)
    assert list(Outcome.objects.values_list("report_id", "decision", "by")) == first


def run(*arguments: str) -> tuple[int, str]:
    import typer

    app = typer.Typer()
    app.command()(demo)
    outcome = CliRunner().invoke(app, list(arguments))
    return outcome.exit_code, outcome.output


def test_the_command_only_writes_when_told_so(tmp_path: Path) -> None:
    code, output = run(
        *("--reports", "40", "--seed", "9", "--no-import", "--until", "2025-07-01"),
        *("--documents", str(tmp_path / "d"), "--labels", str(tmp_path / "l.json")),
    )
    assert code == 0, output
    assert len(json.loads((tmp_path / "l.json").read_text())["reports"]) == 40
    assert standing_marker() is None


def test_the_command_says_what_it_needs(tmp_path: Path) -> None:
    code, output = run("--no-import")
    assert code == 2
    assert "--documents" in output
    labels = tmp_path / "d" / "labels.json"
    code, output = run("--no-import", "--documents", str(tmp_path / "d"), "--labels", str(labels))
    assert code == 2
    assert "Choose a file outside" in output
