"""What the demo asks of other rooms, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from django.db import transaction

from amaan.accounts.selectors import actor_of, people, unit_list
from amaan.accounts.services import find_person
from amaan.authority.actors import Actor
from amaan.cases.services import open_case
from amaan.correspondence.selectors import reference_of
from amaan.correspondence.services import carry_some, leave_letters, write_to_reporter
from amaan.demo.generator.told import Told
from amaan.demo.past import CASE, REASON, REFERRED, Fate
from amaan.formats.hash_lists import read
from amaan.formats.table import read_mapping
from amaan.matching.selectors import lists_for, survivors_waiting
from amaan.matching.services import (
    add_survivor_hash,
    approve_list,
    confirm_survivor,
    grow_list,
    propose_list,
)
from amaan.outbox.services import deliver, pending
from amaan.portal.domain.envelopes import Kind
from amaan.portal.services import Sent, open_box, send
from amaan.referrals.services import import_paths
from amaan.reports.domain.outcomes import Decision
from amaan.reports.selectors import decided_reports, report_count, reports_after, reports_among
from amaan.reports.services import close_out


def import_documents(actor: Actor, path: Path, unit: str, progress: Callable[[int], None]) -> dict[str, int]:
    """The real import, as `amaan import` does it; there is no other way for a demo report to come in.

    Gives the import's counts: received, stored, versions, duplicates, quarantined.
    """
    office = next(office for office in unit_list() if office.code == unit)
    return import_paths(actor, paths=[path], unit=office, progress=progress).counts()


def import_table(actor: Actor, path: Path, mapping: str, unit: str) -> dict[str, int]:
    """A hotline's table with its mapping file, as `amaan import --mapping` takes it."""
    office = next(office for office in unit_list() if office.code == unit)
    return import_paths(actor, paths=[path], unit=office, mapping=read_mapping(mapping)).counts()


LIST = "demo-partner"
SURVIVORS = "survivors"
CLASSES = {"A1": "csam", "A2": "csam", "B1": "exploitative", "B2": "exploitative"}


def take_list(actor: Actor, path: Path, *, proposer: str, approver: str) -> None:
    """A partner's list: proposed by one invented person, approved by another, and filled as `amaan lists import` does.

    Taken before the documents, so that each is compared as it comes. Running it again adds nothing.
    """
    if not any(line.slug == LIST for line in lists_for(actor)):
        with transaction.atomic():
            propose_list(
                _person(proposer),
                slug=LIST,
                title="Partner hotline (demo)",
                category="csam_suspected",
                source="An invented hotline (demo)",
                ground="An invented agreement. No file stands behind any of these hashes.",
                categories=CLASSES,
            )
            approve_list(_person(approver), slug=LIST)
    with path.open("rb") as source:
        digest = sha256(path.read_bytes()).digest()
        grow_list(actor, slug=LIST, entries=read(source, path.name), origin="partner.csv", digest=digest)


def take_survivors(actor: Actor, hashes: Sequence[bytes], *, approver: str, examiner: str) -> None:
    """Hashes as survivors' devices would send them; the first was compared, and waits for a second person."""
    if any(line.slug == SURVIVORS for line in lists_for(actor)):
        return
    with transaction.atomic():
        for pdq in hashes:
            add_survivor_hash(actor, pdq=pdq, quality=80)
        approve_list(_person(approver), slug=SURVIVORS)
        waiting, _next = survivors_waiting(_person(examiner), limit=1)
        confirm_survivor(
            _person(examiner),
            number=waiting[0].number,
            category="csam",
            compared_with="Compared with an invented exhibit. No picture exists.",
        )


def _sent(tellings: Iterable[Told], seed: int) -> list[tuple[Told, Sent, str]]:
    """Told at the door and carried across, as the public's are."""
    sent = []
    for number, told in enumerate(tellings):
        once = f"demo/{seed}/{number}"
        sent.append((told, send(Kind.REPORT, language=told.language, answers=told.answers, once=once), once))
    while carry_some():
        pass
    return sent


def told_references(tellings: Iterable[Told], *, seed: int) -> list[str]:
    """What each telling became, banded as the worker does it; nobody asks back."""
    references = [reference_of(done.submission) or "" for _, done, _ in _sent(tellings, seed)]
    while pending() and deliver(500):
        pass
    return references


def take_told(tellings: Iterable[Told], *, seed: int, analyst: str) -> int:
    """Told at the door and carried across, as the public's are; an analyst asks back where the story says so.

    Gives how many reports that made. The same form sent again is one report, so running it again adds nothing.
    """
    sent = _sent(tellings, seed)
    for told, done, once in sent:
        reference = reference_of(done.submission)
        if reference is None or done.again:
            continue
        if told.asks_back:
            write_to_reporter(_person(analyst), reference=reference, text=told.asks_back)
        if told.later:
            box = open_box(done.code).keys
            send(Kind.MESSAGE, language=told.language, box=box, text=told.later, once=once)
    while carry_some() or leave_letters():
        pass
    while pending() and deliver(500):
        pass
    return sum(not done.again for _, done, _ in sent)


def decide_past(fates: Iterable[Fate], *, analyst: str, investigator: str) -> int:
    """Decide as people do, by the services that the desk calls; how many were decided now.

    What was decided already stays as it is, so that an interrupted load can be taken up again.
    """
    to_come = {(fate.entity, fate.number): fate for fate in fates}
    reader, opener = _person(analyst), _person(investigator)
    done, last = 0, 0
    while to_come and (ids := reports_after(last, limit=500)):
        last = ids[-1]
        known = decided_reports(ids)
        for report in reports_among(reader, ids).values():
            fate = to_come.pop((report.entity.name, report.number), None)
            if fate is None or report.pk in known:
                continue
            _decide(fate, report.reference, report.version, reader, opener)
            done += 1
    while pending() and deliver(500):
        pass
    return done


def _decide(fate: Fate, reference: str, version: int, reader: Actor, opener: Actor) -> None:
    if fate.what == CASE:
        open_case(opener, report_reference=reference, version=version, reason=REASON)
        return
    decision = Decision.REFERRED if fate.what == REFERRED else Decision.CLOSED
    close_out(reader, reference=reference, decision=decision, reason=REASON, version=version, stage=fate.code)


def _person(email: str) -> Actor:
    actor = actor_of(find_person(email))
    assert actor is not None
    return actor


def holds_anything(actor: Actor) -> bool:
    """Whether anybody works here or any report stands."""
    return bool(people(actor)) or report_count() > 0
