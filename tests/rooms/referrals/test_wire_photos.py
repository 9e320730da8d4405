"""Photos at the wire: hashed with PDQ before the upload is answered, and the hash goes on into the report."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from tests.photos import decoder_ready, noise
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.referrals.platform import Caller

from amaan.authority.actors import Actor, Role
from amaan.evidence.domain import NoPdq
from amaan.referrals import selectors
from amaan.referrals.models import OpenFile
from amaan.reports.models import ContentItem
from amaan.reports.selectors import comparable_contents
from amaan.reports.words import NO_PDQ
from signalmatch import photo_signals

pytestmark = pytest.mark.django_db

PHOTO = noise(kind="JPEG")
SIGNALS = photo_signals(PHOTO)


@pytest.fixture(scope="module", autouse=True)
def _started() -> None:
    decoder_ready()


def finished(pix: Caller, content: bytes, body: str = "") -> ContentItem:
    number = pix.submit()
    file_id = pix.upload(number, content)
    assert pix.describe(number, file_id, body).code == 0
    assert pix.finish(number).code == 0
    return ContentItem.objects.get(file_id=file_id)


def test_a_photos_hash_and_its_quality_are_the_content_items(pix: Caller) -> None:
    item = finished(pix, PHOTO)
    assert SIGNALS.pdq is not None
    assert item.pdq is not None
    assert (bytes(item.pdq), item.pdq_quality) == (SIGNALS.pdq, SIGNALS.quality)
    row = OpenFile.objects.get()
    assert (bytes(row.pdq or b""), row.pdq_quality, row.no_pdq) == (SIGNALS.pdq, SIGNALS.quality, "")
    (found,) = comparable_contents([item.version.report_id])
    assert (bytes(found.pdq or b""), found.pdq_quality) == (SIGNALS.pdq, SIGNALS.quality)


def test_what_is_no_photo_has_none_and_row_and_page_say_why(pix: Caller) -> None:
    item = finished(pix, b"not a picture" * 30)
    page = signed_in(a_person(Role.ANALYST, unit="lahore")).get(
        f"/desk/reports/{item.version.report.reference}/"
    )
    assert str(NO_PDQ["no_photo"]) in page.content.decode()
    assert set(NO_PDQ) == set(NoPdq)
    assert (item.pdq, item.pdq_quality) == (None, None)
    assert item.sha256 is not None
    assert OpenFile.objects.get().no_pdq == "no_photo"


@pytest.mark.parametrize("other", [False, True])
def test_a_hash_of_another_picture_is_flagged(pix: Caller, other: bool) -> None:
    assert SIGNALS.pdq is not None
    told = bytes(255 - byte for byte in SIGNALS.pdq) if other else SIGNALS.pdq
    item = finished(pix, PHOTO, f'<originalFileHash hashType="PDQ">{told.hex()}</originalFileHash>')
    assert bytes(item.pdq or b"") == SIGNALS.pdq
    reference = item.version.report.reference
    flags = selectors.receipts_of(Actor.system("wire"), reference)[0].flags
    assert ("hash_differs" in flags) == other


def test_where_we_have_none_the_platforms_own_stays_without_a_quality(pix: Caller) -> None:
    told = f'<originalFileHash hashType="PDQ">{"ab" * 32}</originalFileHash>'
    item = finished(pix, b"not a picture" * 30, told)
    assert (bytes(item.pdq or b"").hex(), item.pdq_quality) == ("ab" * 32, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pdq": None, "pdq_quality": 5},
        {"pdq": bytes(31), "pdq_quality": 5},
        {"pdq": bytes(32), "pdq_quality": None},
        {"pdq": bytes(32), "pdq_quality": 101},
        {"pdq": bytes(32), "pdq_quality": 5, "no_pdq": "busy"},
        {"no_pdq": "because"},
    ],
)
def test_a_row_can_hold_no_half_of_it(pix: Caller, wrong: dict[str, object]) -> None:
    pix.upload(pix.submit(), b"not a picture" * 30)
    with pytest.raises(IntegrityError), transaction.atomic():
        OpenFile.objects.update(**({"no_pdq": ""} | wrong))


def test_a_quality_wants_a_hash(pix: Caller) -> None:
    finished(pix, PHOTO)
    for wrong in ({"pdq": None}, {"pdq_quality": 101}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ContentItem.objects.update(**wrong)
