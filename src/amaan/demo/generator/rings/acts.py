"""Who acts together: one function a shape. Each dresses plain tales until they are what somebody would tell of it."""

from __future__ import annotations

from collections.abc import Callable

from amaan.demo.generator.drafts import Capture
from amaan.demo.generator.identifiers import base36
from amaan.demo.generator.rings.plot import changed
from amaan.demo.generator.rings.tales import Stage, Tale, carriers_address
from amaan.demo.generator.scene import DAY, stamp

Act = Callable[[Stage], list[Tale]]


def star(stage: Stage) -> list[Tale]:
    """Every account has its own number; all are paid to one wallet."""
    found = stage.tales(stage.size(), ring=stage.label)
    for tale in found:
        tale.pay = stage.common(0).phone
        if stage.rng.random() < 0.2:
            tale.file = stage.shared
    return found


def chain(stage: Stage) -> list[Tale]:
    """Neighbours share one thing, and the next neighbours another."""
    found = stage.tales(stage.size(), ring=stage.label, own_words=0.9)
    for step in range(len(found) - 1):
        one, other, who = found[step], found[step + 1], stage.common(step)
        kind = ("phone", "handle", "pay", "email")[(step + stage.number) % 4]
        if kind == "phone":
            one.phones.append(who.phone)
            other.phones.append(who.phone)
        elif kind == "email":
            one.emails.append(who.email)
            other.emails.append(who.email)
        elif kind == "pay":
            one.pay = other.pay = who.phone
        else:
            # The later one was recruited by the earlier one's account.
            other.other = (one.handle, one.account)
            other.platform = one.platform
    for tale in found:
        if tale.door != "xml" and (tale.other or len(tale.phones) > 1 or tale.emails):
            tale.door = "xml"  # tables and the door have no room for all of it
    return found


def lure(stage: Stage) -> list[Tale]:
    """The advertisement is the same; its contact rotates among a few numbers."""
    stage.about = "lure"
    found = stage.tales(stage.size(), ring=stage.label, own_words=0.0)
    contacts = max(1, len(found) // 4)
    for place, tale in enumerate(found):
        if stage.rng.random() < 0.7:
            tale.phones = [stage.common(place % contacts).phone]
    return found


def number_change(stage: Stage) -> list[Tale]:
    """The first half has one number, the second another; the wallet is in most of them."""
    found = stage.tales(stage.size(), ring=stage.label)
    half = len(found) // 2
    for place, tale in enumerate(found):
        tale.phones = [stage.common(0 if place < half else 1).phone]
        if place in {half - 1, half} or stage.rng.random() < 0.8:
            tale.pay = stage.common(2).phone
    return found


def carrier(stage: Stage) -> list[Tale]:
    """Two rings and one address: other ports, other times, another's number."""
    told = []
    for side in (0, 1):
        found = stage.tales(stage.size(), ring=f"{stage.label}-{'ab'[side]}", own_words=0.9)
        leader = stage.common(side)
        for place, tale in enumerate(found):
            if place == 0 or stage.rng.random() < 0.85:
                tale.phones = [leader.phone]
            if not tale.phones or tale.phones[0] != leader.phone or stage.rng.random() < 0.4:
                tale.emails = [leader.email]
            if place == 0:
                tale.emails = [leader.email]
            tale.captures = [behind(stage, tale) for _ in range(2)]
        told += found
    return told


def behind(stage: Stage, tale: Tale) -> Capture:
    rng = stage.rng
    host = carriers_address(stage.number)
    return Capture(host, "Login", stamp(tale.at - rng.randrange(60, 5 * DAY)), rng.randrange(1024, 65536))


def session(stage: Stage) -> list[Tale]:
    """One sitting at one platform: the carrier's port stays for minutes, the accounts change."""
    found = stage.tales(stage.size(), ring=stage.label, own_words=0.3)
    port = stage.rng.randrange(1024, 65536)
    for place, tale in enumerate(found):
        tale.platform, tale.at = found[0].platform, found[0].at + place * stage.rng.randrange(60, 180)
        tale.captures = [Capture(carriers_address(stage.number), "Login", stamp(tale.at - 30), port)]
        tale.phones, tale.emails = [], []
    return found


def spelling(stage: Stage) -> list[Tale]:
    """One group, spelt in every way; the number stands in every second one, in whichever form."""
    rng, leader = stage.rng, stage.common(0)
    stem = f"{leader.handle.split('_')[0]}_{leader.handle.split('_')[1][:5]}{base36(stage.shared)[-2:]}x"
    found = stage.tales(stage.size(), ring=stage.label, own_words=0.4)
    for place, tale in enumerate(found):
        tale.handle = _respelt(stage, stem)
        if rng.random() < 0.8:
            tale.names = [stage.name.written(rng)]
        if place % 2 == 0:
            tale.phones = [leader.phone]
        else:
            tale.pay = leader.phone if rng.random() < 0.5 else ""
    return found


def _respelt(stage: Stage, stem: str) -> str:
    rng = stage.rng
    shown = stem.replace("_", rng.choice(("_", ".", "-", "")))
    if rng.random() < 0.3:
        shown = shown.replace("o", "0", 1)
    if rng.random() < 0.3:
        shown = shown.replace("i", "1", 1)
    if rng.random() < 0.7:
        shown = f"{shown}{rng.choice(('', '_', '.'))}{rng.randrange(1, 999)}"
    return shown.title() if rng.random() < 0.3 else shown


def impersonated(stage: Stage) -> list[Tale]:
    """The imitator is a ring of one; the innocent person has reports of their own, about other things."""
    rng, innocent, imitator = stage.rng, stage.common(0), stage.common(1)
    name = stage.name.written(rng)
    found = stage.tales(stage.size(), ring=stage.label, own_words=0.7)
    for place, tale in enumerate(found):
        tale.platform = found[0].platform
        tale.handle, tale.names = f"{innocent.handle}_{rng.choice(('official', 'real'))}", [name]
        tale.account = imitator.identifier
        tale.phones = [imitator.phone] if rng.random() < 0.6 else []
        if tale.door == "told":
            tale.reporter = innocent.phone  # the complaint of the one who is imitated
        elif place == 1:
            # Somebody took the imitated account for the imitator's; the platform says that it may be another's.
            tale.handle, tale.account, tale.compromised = innocent.handle, innocent.identifier, True
            tale.phones = [imitator.phone]
    own = stage.tales(rng.randint(2, 3), ring=f"{stage.label}-own", own_words=1.0)
    for tale in own:
        tale.platform, tale.beside = found[0].platform, stage.label
        tale.handle, tale.account, tale.names = innocent.handle, innocent.identifier, [name]
        tale.phones = [innocent.phone] if rng.random() < 0.5 else []
    return found + own


def taken_over(stage: Stage) -> list[Tale]:
    """A ring around a wallet; one of its accounts is somebody else's, who is reported for other things too."""
    owner = stage.common(1)
    found = stage.tales(stage.size(), ring=stage.label)
    for tale in found:
        tale.pay = stage.common(0).phone
    taken = found[-1]
    taken.door, taken.compromised = "xml", True
    taken.handle, taken.account = owner.handle, owner.identifier
    own = stage.tales(2, ring=f"{stage.label}-own", own_words=1.0)
    for tale in own:
        tale.at -= 120 * DAY
        tale.platform, tale.beside = taken.platform, stage.label
        tale.handle, tale.account, tale.phones = owner.handle, owner.identifier, [owner.phone]
    return found + own


def seller(stage: Stage) -> list[Tale]:
    """The page is told by whoever sees it; some also see where the money goes."""
    rng, shop = stage.rng, base36(stage.shared)
    found = stage.tales(stage.size(), ring=stage.label, own_words=0.2)
    home = found[0].platform
    page, invitation = (
        f"https://{home.host}/p/shop{shop}?view=all",
        f"https://t.me/+Demo{shop}Shop{stage.number:06d}",
    )
    for tale in found:
        tale.platform, tale.children, tale.about = home, [], "page"
        tale.text = changed(rng, tale.text)
        tale.links = [page] if rng.random() < 0.8 else []
        if not tale.links or rng.random() < 0.4:
            tale.group = invitation
        # A platform knows whose page it is; or it reports an account that passes the wallet on. The public sees either.
        if rng.random() < (0.85 if tale.door == "xml" else 0.5):
            tale.handle, tale.account = stage.common(0).handle, stage.common(0).identifier
        elif tale.door == "xml":
            tale.pay = stage.common(0).phone
        else:
            tale.handle = tale.account = ""
        if rng.random() < 0.4:
            tale.pay = stage.common(0).phone
    return found


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (
        *(star, chain, lure, number_change, carrier, session),
        *(spelling, impersonated, taken_over, seller),
    )
}
