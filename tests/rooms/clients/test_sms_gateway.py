"""A message by telephone: signed, named for good, and silent about its secret; against a gateway of the documents."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.rooms.clients.gateways import Gateway, running_gateway

from amaan.clients.asking import CredentialRefused, Service, Unreachable
from amaan.clients.sms_gateway import send_sms, signature


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as found:
        yield found


def service(gateway: Gateway, secret: str = "s3cret") -> Service:
    return Service.read(f"http://office:{secret}@127.0.0.1:{gateway.port}/amaan")


def test_a_message_arrives_once_however_often_it_is_sent(gateway: Gateway) -> None:
    for _ in range(2):
        send_sms(
            service(gateway),
            to="+923001234567",
            text="Amaan: 2 unclaimed",
            key="wake/1/2/sms",
            at=1_790_000_000,
        )
    assert gateway.delivered == {"wake/1/2/sms": ("+923001234567", "Amaan: 2 unclaimed")}
    assert gateway.asked == ["/amaan", "/amaan"]


def test_a_wrong_secret_is_refused_and_told_nowhere(gateway: Gateway) -> None:
    with pytest.raises(CredentialRefused) as raised:
        send_sms(service(gateway, "wrong-one"), to="+92300", text="x", key="k", at=1_790_000_000)
    assert gateway.delivered == {}
    assert "wrong-one" not in str(raised.value)
    assert "wrong-one" not in json.dumps(gateway.heard)


def test_a_gateway_that_cannot_says_so(gateway: Gateway) -> None:
    gateway.busy = 1
    with pytest.raises(Unreachable):
        send_sms(service(gateway), to="+92300", text="x", key="k", at=1_790_000_000)


def test_the_signature_is_what_the_documents_say() -> None:
    # echo -n '1790000000.{}' | openssl dgst -sha256 -hmac s3cret
    assert signature("s3cret", 1_790_000_000, b"{}") == (
        "0d84afbca530158326e0549a7a1c3579755f9b8ba4cceba2c143dbe14147b60f"
    )
