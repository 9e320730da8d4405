"""Queues inside an office, as its people and its supervisor work with them."""

from __future__ import annotations

import pytest
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.test_queue_pages import shown, waits
from tests.rooms.triage.conftest import Lay, lay

from amaan.authority.actors import Actor, Role
from amaan.triage.models import Queue, QueueMember
from amaan.triage.services import route_some

pytestmark = pytest.mark.django_db
__all__ = ["lay"]


def test_a_supervisor_makes_a_queue_and_everybody_finds_what_it_catches(lay: Lay) -> None:
    supervisor, analyst = signed_in(a_person(Role.SUPERVISOR)), a_person(Role.ANALYST)
    (caught,) = waits(lay, **{"incident.type": "enticement"})
    (loose,) = waits(lay)
    assert "No queue yet" in supervisor.get("/desk/queues/").content.decode()
    asked = {"name": "Grooming", "name_ur": "بہلانا", "incident_types": "enticement", "members": analyst.pk}
    assert supervisor.post("/desk/queues/north/new/", {"name": "Empty"}).status_code == 422
    assert supervisor.post("/desk/queues/north/new/", asked).status_code == 302
    assert supervisor.post("/desk/queues/north/new/", asked).status_code == 422
    route_some(Actor.system("test"))
    queue, client = Queue.objects.get(), signed_in(analyst)
    assert shown(client, f"/desk/?queue={queue.pk}") == [caught.reference]
    assert shown(client, "/desk/?queue=none") == [loose.reference]
    assert set(shown(client)) == {caught.reference, loose.reference}
    pulled = client.post("/desk/pull/", {"queue": "none"})
    assert loose.reference in pulled.headers["Location"]
    page = client.get("/desk/queues/", headers={"accept-language": "ur"}).content.decode()
    assert "بہلانا" in page
    client.post("/desk/queues/prefer/", {"queue": []})
    assert not QueueMember.objects.exists()
    assert client.get("/desk/queues/north/new/").status_code == 404
    elsewhere = signed_in(a_person(Role.SUPERVISOR, unit="south"))
    assert elsewhere.get(f"/desk/queues/north/{queue.pk}/").status_code == 404
    assert shown(elsewhere, f"/desk/?queue={queue.pk}") == []
    assert supervisor.post(f"/desk/queues/north/{queue.pk}/", {"retire": "1"}).status_code == 302
    assert "No queue yet" in supervisor.get("/desk/queues/").content.decode()
