"""Imports as an operator runs them: killed at any moment, and stolen afterwards."""

from __future__ import annotations

import base64
import json
import random
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.journeys.installation import Installation, kill_all
from tests.rooms.referrals.reading import file_details, le_report, report

from amaan.demo import samples

pytestmark = [pytest.mark.slow, pytest.mark.both_databases]
DUMP = Path(__file__).with_name("dump_store.py")
KILLS = 20
A_KILL = 10
"""Reports that come in with each."""


def many_documents(path: Path, numbers: range, *, others: int) -> Path:
    """New reports, changed ones, duplicates and broken ones, mixed by a fixed chance, as one of so many in all."""
    chance = random.Random(numbers.start)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in numbers:
            handle = f"handle{chance.randrange(others // 4)}"
            person = f"<screenName>{handle}</screenName><profileUrl>https://x.example/{handle}</profileUrl>"
            tag = chance.choice(("victim", "personOrUserReported", "intendedRecipient"))
            age = chance.choice(("", "<age>14</age>", "<age>30</age>"))
            inner = {"victim": "victimPerson", "personOrUserReported": "personOrUserReportedPerson"}.get(
                tag, "intendedRecipientPerson"
            )
            body = (
                f"<{tag}><{inner}><firstName>Given{number}</firstName>"
                f"<phone>0300{number:07d}</phone>{age}<address><city>Multan</city></address></{inner}>{person}</{tag}>"
            )
            document = report(body, at="2020-01-01T00:00:00Z")
            folder = f"a/Acme/{number}"
            if chance.random() < 0.06:
                document = document[: chance.randrange(20, 200)]
            archive.writestr(f"{folder}/report.xml", document)
            archive.writestr(
                f"{folder}/file-1.xml", file_details(number=str(number), file_id=f"{number:032x}")
            )
            if chance.random() < 0.1:
                archive.writestr(f"b/Acme/{number}/report.xml", document.replace(b"Multan", b"Quetta"))
            if chance.random() < 0.1:
                archive.writestr(f"c/Acme/{number}/report.xml", document)
                archive.writestr(
                    f"c/Acme/{number}/file-1.xml", file_details(number=str(number), file_id=f"{number:032x}")
                )
        if not numbers.start:
            archive.writestr("d/sample/1/report.xml", samples.report_xml())
    return path


def test_killed_twenty_times_it_ends_as_if_never_interrupted(tmp_path: Path) -> None:
    """Each time one archive more has come, so that every kill meets work: reading, storing, banding, numbering."""
    archives = [
        many_documents(tmp_path / f"{at}.zip", range(at * A_KILL, (at + 1) * A_KILL), others=KILLS * A_KILL)
        for at in range(KILLS)
    ]
    calm = Installation.prepared(tmp_path / "calm")
    said = json.loads(calm.run("import", *archives, "--json", "--processes", "2").strip().splitlines()[-1])
    assert said["stored"] > 150
    assert said["versions"] > 10
    assert said["duplicates"] > 10
    assert said["quarantined"] > 10

    shaken = Installation.prepared(tmp_path / "shaken")
    chance = random.Random(11)
    in_the_middle = 0
    for kill in range(KILLS):
        before = shaken.report_count()
        # Most read in the process that stores: a reading process, which holds nothing, is half of what a kill costs.
        process = shaken.fork("import", *archives[: kill + 1], "--processes", "2" if kill % 10 == 0 else "0")
        if kill % 2 == 0:  # when it has written
            until = time.monotonic() + 20
            while process.poll() is None and shaken.report_count() == before and time.monotonic() < until:
                time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.5))
        in_the_middle += process.poll() is None
        kill_all(process)
    assert in_the_middle > KILLS // 2, "most kills came too late to interrupt anything"
    shaken.run("import", *archives)

    assert shaken.run("ledger", "verify")
    assert shaken.run("vault", "check")
    one, two = calm.python(DUMP), shaken.python(DUMP)
    for part in one:
        assert one[part] == two[part], part
    assert one["waiting"] == [0, 0, 0]
    assert one["leaves"] == {name: len(held["versions"]) for name, held in one["reports"].items()}
    assert all(len(held["triage"]) == 1 for held in one["reports"].values())


# -- stolen --

NAMES = ("Quillwen", "Ostravane", "کوئلوین", "Haldervint")
CONTACTS = ("+923001112233", "3001112233", "quillwen.o@mail.example", "halder.v@mail.example")
HANDLES = ("quill_star77", "wrenfield_k")
PLACES = ("Larkspur Grammar School", "17 Larkspur Crescent", "Merrowdale House")
PLANTED = (*NAMES, *CONTACTS, *HANDLES, *PLACES)

_WHO = (
    "<firstName>Quillwen</firstName><lastName>Ostravane</lastName><phone>+923001112233</phone>"
    "<email>quillwen.o@mail.example</email>"
    "<address><address>17 Larkspur Crescent</address><city>Multan</city></address>"
)
_REPORTER = (
    "<firstName>Haldervint</firstName><lastName>Merrow</lastName><email>halder.v@mail.example</email>"
    "<address><address>Merrowdale House</address></address>"
)
_TEXT = (
    "<additionalInfo>Quillwen Ostravane (کوئلوین) of Larkspur Grammar School, 17 Larkspur Crescent, "
    "+923001112233, quill_star77, was threatened with sharing pictures.</additionalInfo>"
)


def documents() -> Iterator[tuple[str, bytes]]:
    victim = (
        f"<victim><victimPerson>{_WHO}<age>13</age></victimPerson><screenName>quill_star77</screenName>"
        f"<displayName>کوئلوین</displayName><profileUrl>https://x.example/u/quill_star77</profileUrl>"
        f"<schoolName>Larkspur Grammar School</schoolName></victim>"
    )
    adult = (
        "<personOrUserReported><profileUrl>https://x.example/quill_star77/photos</profileUrl>"
        f"<profileUrl>https://x.example/{quote('کوئلوین')}</profileUrl>"
        f"<profileBio>friend of Quillwen</profileBio></personOrUserReported>"
    )
    details = (
        "<fileName>Quillwen Ostravane 1.jpg</fileName><originalFileName>quill_star77.jpg</originalFileName>"
        "<locationOfFile>https://cdn.example/quill_star77/1.jpg</locationOfFile><additionalInfo>Quillwen</additionalInfo>"
    )
    yield "in/Acme/1/report.xml", report(adult + victim + _TEXT, reporter=_REPORTER)
    yield "in/Acme/1/file-1.xml", file_details(details, number="1")
    recipient = (
        f"<intendedRecipient><intendedRecipientPerson>{_WHO}</intendedRecipientPerson></intendedRecipient>"
    )
    yield "in/Acme/2/report.xml", report(recipient + _TEXT)
    minor = (
        f"<personOrUserReported><personOrUserReportedPerson>{_WHO}<age>16</age></personOrUserReportedPerson>"
        "<screenName>quill_star77</screenName></personOrUserReported>"
    )
    yield "in/Acme/3/report.xml", report(minor)
    yield "in/Acme/4/report.xml", report(victim + _TEXT).replace(b"</report>", b"<broken")
    yield "in/Acme/5/Quillwen Ostravane.txt", "Quillwen Ostravane, کوئلوین".encode()
    yield "in/Acme/Quillwen Ostravane/report.xml", report(victim, reporter=_REPORTER)
    person = {
        "firstName": "Quillwen",
        "lastName": "Ostravane",
        "schoolName": "Larkspur Grammar School",
        "emails": {"emails": [{"value": "quillwen.o@mail.example"}]},
        "phones": {"phones": [{"value": "+923001112233"}]},
        "screenName": {"value": "quill_star77"},
        "addresses": {"addresses": [{"street1": "17 Larkspur Crescent"}]},
    }
    tags = {"groups": [{"tags": [{"value": "Quillwen"}]}]}
    yield (
        "in/le/6.json",
        le_report(
            "6",
            victims={"victims": [person]},
            uploadedFiles={
                "uploadedFiles": [{"filename": "Quillwen.jpg", "submittalId": "Quillwen", "ncmecTags": tags}]
            },
            additionalInformations=[{"value": "Quillwen Ostravane"}],
            unheardOf={"Quillwen": "Ostravane"},
        ),
    )


CSV = (
    "Ref;Child;School;Phone;Tag;Notes\n"
    "7;Quillwen Ostravane;Larkspur Grammar School;+923001112233;Quillwen;کوئلوین\n"
    "8;Quillwen Ostravane\n"
)
MAPPING = (
    'entity = "Example Hotline"\ndelimiter = ";"\n[columns]\nRef = "number"\nChild = "victim.name"\n'
    'School = "victim.school"\nPhone = "victim.phone"\nTag = "incident.annotation"\n'
)


def forms_of(text: str) -> Iterator[bytes]:
    """The same text as a thief's search might meet it."""
    raw = text.encode()
    for one in {raw, text.lower().encode(), text.upper().encode(), text.casefold().encode()}:
        yield one
        yield one.hex().encode()
        for shift in range(3):
            yield base64.b64encode(b"\0" * shift + one)[4 if shift else 0 : -4]
    for encoding in ("utf-16-le", "utf-16-be"):
        yield text.encode(encoding)
    if (quoted := quote(text, safe="")) != text:
        yield quoted.encode()
        yield quoted.lower().encode()
    if not text.isascii():
        yield json.dumps(text)[1:-1].encode()


def found_in(raw: bytes) -> list[str]:
    lowered = raw.lower()
    return [text for text in PLANTED if any(f in raw or f in lowered for f in forms_of(text) if len(f) > 5)]


def everything_stored(stolen: Installation) -> Iterator[tuple[str, bytes]]:
    for path in sorted(stolen.home.rglob("*")):
        yield f"the name {path.name}", str(path.relative_to(stolen.home)).encode()
        if path.is_file():
            yield str(path), path.read_bytes()
    if stolen.postgres:
        tables = stolen.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables:
            for row in stolen.rows(f'SELECT * FROM "{table}"'):
                for cell in row:
                    yield (
                        f"table {table}",
                        bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode(),
                    )


def test_the_search_itself_finds_what_is_there() -> None:
    for text in PLANTED:
        for form in forms_of(text):
            if len(form) > 5:
                assert text in found_in(b"\x00\x01" + form + b"\xff")
    assert not found_in(b"nothing of the kind" * 100)


def test_a_stolen_store_without_its_keys_names_nobody(tmp_path: Path) -> None:
    stolen = Installation.prepared(tmp_path / "stolen")
    given = tmp_path / "Quillwen Ostravane"
    for name, raw in documents():
        path = given / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    # In clear at first, because only an adult stands with it; a victim's in the import after this one.
    adult = (
        "<personOrUserReported><personOrUserReportedPerson><age>40</age></personOrUserReportedPerson>"
        "<screenName>wrenfield_k</screenName></personOrUserReported>"
    )
    first = tmp_path / "first" / "Acme" / "90"
    first.mkdir(parents=True)
    (first / "report.xml").write_bytes(report(adult))
    said = stolen.run("import", tmp_path / "first")
    assert any(b"wrenfield_k" in raw for _, raw in everything_stored(stolen)), (
        "an adult's account is readable"
    )
    (given / "in" / "Acme" / "91").mkdir(parents=True)
    (given / "in" / "Acme" / "91" / "report.xml").write_bytes(
        report("<victim><victimPerson/><screenName>wrenfield_k</screenName></victim>")
    )
    (given / "Quillwen.csv").write_text(CSV, encoding="utf-8")
    (given / "map.toml").write_text(MAPPING, encoding="utf-8")
    said += stolen.run("import", given / "in", "--entity", "Acme")
    said += stolen.run("import", given / "Quillwen.csv", "--mapping", given / "map.toml")
    said += stolen.run("import", given / "Quillwen.csv")
    assert stolen.report_count() >= 8
    assert stolen.rows("SELECT count(*) FROM referrals_quarantined")[0][0] >= 4
    holding = {(place, text) for place, raw in everything_stored(stolen) for text in found_in(raw)}
    assert not holding
    assert not found_in(said.encode()), "printed by the import"
    assert not stolen.keys.is_relative_to(stolen.home)
