"""A report's page says who tells of the same, and an officer takes the report out and puts it back."""

from __future__ import annotations

import pytest
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.bundles.laid import Story, lay, picture
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import report

from amaan.authority.actors import Role
from amaan.bundles.models import Member, Split
from amaan.bundles.tasks import bundle
from amaan.reports.models import ContentItem, Report


@pytest.mark.django_db
def test_who_tells_of_the_same_stands_on_the_page_and_is_taken_apart_by_a_form() -> None:
    reference = arrived(report())
    told = Report.objects.get(reference=reference)
    bundle([told.pk])
    officer = signed_in(a_person(Role.ANALYST))
    page, form = f"/desk/reports/{reference}/", f"/desk/reports/{reference}/split/"
    assert "Who tells of the same" not in officer.get(page).content.decode()
    assert officer.get(form).status_code == 404
    other = lay(Story([picture(1)], unit=told.unit.code))
    ContentItem.objects.create(
        version=told.versions.get(), number=0, viewed="not_said", public="not_said", **picture(1)
    )
    Member.objects.all().delete()
    bundle([told.pk, other.pk])
    shown = officer.get(page).content.decode()
    assert "Who tells of the same" in shown
    assert other.reference in shown
    assert officer.post(form, {"reason": " "}).status_code == 422
    assert officer.post(form, {"reason": "another file"}).status_code == 302
    assert Split.objects.get().undone_at is None
    assert "Put it back" in officer.get(page).content.decode()
    assert officer.post(form, {"reason": "the same after all"}).status_code == 302
    assert Split.objects.get().undone_at is not None
