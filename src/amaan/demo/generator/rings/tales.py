"""A tale is what one report tells, before a door is chosen; `Stage` is where the tales of one ring are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from amaan.demo.generator.drafts import Capture, Device
from amaan.demo.generator.identifiers import Person, carrier_address, person
from amaan.demo.generator.rings.plot import SUMS, Name, Shape, a_name, changed, compose, plot
from amaan.demo.generator.scene import DAY, stamp
from amaan.demo.generator.words import PLATFORMS, TOWNS, Platform, Town

_CARRIERS = 40  # public addresses behind which most of the world's people stand (RFC 6598)


@dataclass(slots=True)
class Child:
    """A victim. `phone` and `device` may be a family's."""

    who: Person
    age: int
    boy: bool
    phone: str = ""
    device: str = ""
    school: str = ""


@dataclass(slots=True)
class Tale:
    """One report to be. `ring` is the truth: who acts here; `beside` the innocents' group that it belongs to."""

    at: int  # Unix seconds
    door: str
    platform: Platform
    town: Town
    who: Person
    about: str  # lure, demand, page, or picture
    language: str
    text: str = ""
    handle: str = ""
    account: str = ""
    phones: list[str] = field(default_factory=list)  # eleven national digits
    emails: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    pay: str = ""  # eleven national digits
    bank: str = ""
    links: list[str] = field(default_factory=list)
    group: str = ""
    captures: list[Capture] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    file: int | None = None  # seed of its hashes
    passed_on: bool = False  # a bundle around one viral file
    compromised: bool | None = None
    other: tuple[str, str] | None = None  # another account: handle, account number
    called: str = ""  # a number that the incident names
    reporter: str = ""  # at the public's door: how the one who tells may be reached
    ring: str = ""
    beside: str = ""
    shape: str = ""


@dataclass(slots=True)
class Stage:
    """The tales of one instance of a shape. `first` and `shared`: person numbers of its own, nobody else's."""

    seed: int
    shape: Shape
    number: int
    rng: Random
    until: int
    first: int
    shared: int
    made: int = 0
    begin: int = 0
    days: int = 1
    script: str = ""
    about: str = "lure"
    language: str = "en"
    name: Name = field(default_factory=lambda: Name(("", ""), ("", "")))

    def __post_init__(self) -> None:
        rng = self.rng
        self.days = rng.randint(*self.shape.days)
        self.begin = self.until - int((self.days + rng.random() * 60) * DAY) - DAY
        self.about = "page" if self.shape.name == "seller" else rng.choice(("lure", "demand"))
        self.language = rng.choices(("en", "ur", "roman"), (50, 20, 30))[0]
        self.script = compose(rng, self.about, self.language)
        self.name = a_name(rng)

    @property
    def label(self) -> str:
        return f"{self.shape.name}-{self.number:04d}"

    def size(self) -> int:
        return self.rng.randint(*self.shape.size)

    def common(self, which: int) -> Person:
        """Somebody of the whole instance: whose wallet, whose number."""
        return person(self.seed, self.shared + which)

    def tales(self, count: int, *, ring: str = "", own_words: float = 0.5) -> list[Tale]:
        """Plain tales in the order of time, each of an account of its own, in the instance's words or in its own."""
        moments = sorted(self.begin + int(self.rng.random() * self.days * DAY) for _ in range(count))
        return [self._tale(at, ring, own_words) for at in moments]

    def _tale(self, at: int, ring: str, own_words: float) -> Tale:
        rng = self.rng
        who = person(self.seed, self.first + self.made * 4)
        child = person(self.seed, self.first + self.made * 4 + 1)
        self.made += 1
        platform = rng.choices(PLATFORMS, [one.weight for one in PLATFORMS])[0]
        town = rng.choices(TOWNS, [one.weight for one in TOWNS])[0]
        (door,) = rng.choices(list(self.shape.doors), list(self.shape.doors.values()))
        about, language = self.about, self.language
        said = {"town": town.name, "town_ur": town.name_ur, "sum": rng.choice(SUMS)}
        if rng.random() < own_words:
            about = rng.choice(("lure", "demand"))
            language = rng.choices(("en", "ur", "roman"), (50, 20, 30))[0]
            text = compose(rng, about, language).format(**said)
        else:
            text = changed(rng, self.script.format(**said))
        tale = Tale(
            at, door, platform, town, who, about, language, shape=self.shape.name, ring=ring, text=text
        )
        dress(rng, tale)
        tale.children = [Child(child, rng.randint(11, 17), rng.random() < 0.5)] if rng.random() < 0.7 else []
        return tale


def dress(rng: Random, tale: Tale) -> None:
    """What a platform knows of an account: most of it its own, some of it what thousands have."""
    words, who = plot()["words"], tale.who
    tale.handle, tale.account = who.handle, who.identifier
    if rng.random() < 0.3:
        tale.handle = f"{rng.choice(words['stems']['common'])}{who.number}"
        rng.randrange(1, 9999)  # was the digits, which two could share; still drawn: a seed keeps its world
    if rng.random() < 0.4:
        tale.phones = [who.phone]
    if rng.random() < 0.35:
        tale.emails = [who.email]
    if rng.random() < 0.5:
        tale.names = [a_name(rng).written(rng)]
    tale.captures = [a_capture(rng, tale.at) for _ in range(rng.randrange(0, 3))]
    if rng.random() < 0.25:
        tale.devices = [Device("android", who.device, "Login", stamp(tale.at - 600))]
    elif rng.random() < 0.2:
        tale.devices = [Device("model", rng.choice(words["models"]["all"]), "Login", stamp(tale.at - 600))]


def carriers_address(which: int) -> str:
    """One of the few addresses behind which thousands stand."""
    return f"100.127.{which % _CARRIERS}.{which * 7 % 251 + 1}"


def a_capture(rng: Random, at: int) -> Capture:
    """A sign-in before `at`: half of them behind a busy carrier's address, with whatever port it gave."""
    host, port = carrier_address(rng)
    if rng.random() < 0.5:
        host = carriers_address(rng.randrange(_CARRIERS))
    return Capture(host, "Login", stamp(at - rng.randrange(60, 5 * DAY)), port)
