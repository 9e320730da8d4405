"""What a page says after something was done names references and colleagues; it stays on this machine."""

from __future__ import annotations

import pytest
from django.conf import settings
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import report

from amaan.authority.actors import Role

pytestmark = pytest.mark.django_db


def test_no_cookie_carries_what_was_said() -> None:
    reference, client = arrived(report()), signed_in(a_person(Role.ANALYST))
    client.post(f"/desk/reports/{reference}/claim/")
    client.post(f"/desk/reports/{reference}/release/")
    assert set(client.cookies) <= {settings.SESSION_COOKIE_NAME}
    assert reference not in str(client.cookies)
    said = f"{reference} is free again"
    assert said in client.get("/desk/").content.decode()
    assert said not in client.get("/desk/").content.decode(), "once"
