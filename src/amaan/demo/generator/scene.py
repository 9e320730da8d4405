"""The stage on which each story plays: one report with its platform, town, time and reported account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from amaan.demo.generator.drafts import (
    Account,
    Capture,
    Channel,
    Contact,
    Device,
    File,
    Location,
    Report,
)
from amaan.demo.generator.identifiers import (
    Person,
    address,
    carrier_address,
    iban,
    person,
    urdu_digits,
    write_phone,
)
from amaan.demo.generator.words import PLATFORMS, SENTENCES, TOWNS, Platform, Town

DAY = 86_400
_PLATFORM_WEIGHTS = [platform.weight for platform in PLATFORMS]
_TOWN_WEIGHTS = [town.weight for town in TOWNS]
_KNOWN_FILES = 400  # files that keep coming back, at every platform


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class World:
    """`until` is the moment (Unix seconds) before which everything in this world happened."""

    seed: int
    reports: int
    until: int

    def number(self, position: int) -> int:
        """The report's number. Worlds of different seeds never share one, up to 1,000,000 reports each."""
        return 1_000_000_000 + self.seed % 8_000 * 1_000_000 + position

    # Ranges of person numbers, one behind the other: own, repeating, rings, wallets, victims.
    def repeater(self, number: int) -> Person:
        return person(self.seed, self.reports + number % (self.reports // 20 + 1))

    def ringleader(self, ring: int, which: int) -> Person:
        return person(self.seed, self.reports + self.reports // 20 + 1 + ring * 4 + which)

    def bystander(self, position: int) -> Person:
        """Somebody of this report alone: the wallet's holder."""
        return person(self.seed, 2 * self.reports + 100 + position)

    def child(self, position: int) -> Person:
        return person(self.seed, 3 * self.reports + 200 + position)


@dataclass(slots=True)
class Scene:
    """A report in the making. Stories change `report`, `files` and `labels`."""

    world: World
    position: int
    rng: Random
    platform: Platform
    town: Town
    when: int
    who: Person
    language: str
    report: Report
    files: list[File] = field(default_factory=list)
    labels: dict[str, object] = field(default_factory=dict)

    @property
    def account(self) -> Account:
        return self.report.reported[0]

    def say(self, situation: str, *, pick: int | None = None, **fields: object) -> str:
        """A sentence of the situation in the scene's language, or in English where that one has none."""
        by_language = SENTENCES[situation]
        if self.language not in by_language:
            self.language = "en"
        choices = by_language[self.language]
        sentence = choices[pick % len(choices)] if pick is not None else self.rng.choice(choices)
        said: dict[str, object] = {
            "town": self.town.name,
            "town_ur": self.town.name_ur,
            "platform": self.platform.name,
            "handle": self.who.handle,
            "age": 15,
            **fields,
        }
        text = sentence.format(**said)
        if self.language == "ur" and self.rng.random() < 0.5 and "PK" not in text:
            text = urdu_digits(text)
        self.labels["language"] = self.language
        return text

    def wallet(self, owner: Person) -> str:
        return write_phone(self.rng, owner.phone)

    def bank_account(self) -> str:
        return iban(self.position + self.world.seed % 1_000 * 1_000_000)

    def url(self, rest: str) -> str:
        return f"https://{self.platform.host}/{rest}"

    def add_channel(self) -> None:
        """Where it happened, as the platform would say it."""
        rng, kind = self.rng, self.platform.channel
        if kind == "webPageIncident":
            parts = [("url", self.url(f"p/{self.position:x}?view=all&lang=en"))]
        elif kind == "emailIncident":
            self.account.emails = self.account.emails or [Contact(self.who.email)]
            parts = [("emailAddress", self.account.emails[0].value)]
        elif kind == "onlineGamingIncident":
            parts = [("gameName", "Questpark Arena"), ("console", "web")]
        else:
            parts = [("chatClient", self.platform.name), ("chatRoomName", f"room-{rng.getrandbits(24):x}")]
        self.report.channels.append(Channel(kind, parts))

    def add_victim(self, *, age: int | None, boy: bool, named: bool = False, school: bool = False) -> Account:
        child = self.world.child(self.position)
        victim = Account(
            age=age,
            identifier=child.identifier,
            service=self.platform.name,
            screen_name=child.handle,
            gender="Male" if boy else "Female",
        )
        if named:
            victim.first, victim.last, victim.city = child.first, "Demo", self.town.name
            victim.province = self.town.province
        if school:
            victim.school = f"Demo Model School {self.rng.randrange(1, 90)}, {self.town.name}"
        self.report.victims.append(victim)
        return victim

    def add_file(self, *, known: bool = False, **choices: object) -> File:
        rng = self.rng
        number = len(self.files) + 1
        if known:
            # Skewed: a few files make most of the flood.
            seed = min(int(rng.expovariate(1 / 60)), _KNOWN_FILES - 1)
            hashes = Random(self.world.seed * 7919 + seed)  # noqa: S311  a demo world, nothing secret
        else:
            hashes = rng
        taken = self.when - rng.randrange(60, 20 * DAY)
        host, port = address(rng)
        file = File(
            number=number,
            identifier=f"{rng.getrandbits(128):032x}",
            name=f"{rng.getrandbits(40):010x}.jpg",
            uploaded_at=stamp(taken),
            viewed=rng.choice((True, False, None)),
            public=rng.choice((True, False, None, None)),
            hashes=[("MD5", f"{hashes.getrandbits(128):032x}"), ("SHA1", f"{hashes.getrandbits(160):040x}")],
            classification=rng.choice(("A1", "A2", "B1", "B2", "", "")),
            capture=Capture(host, "Upload", stamp(taken), port),
        )
        file.original_name = f"IMG-{rng.randrange(10_000):04d}.jpg" if rng.random() < 0.5 else ""
        for name, value in choices.items():
            setattr(file, name, value)
        self.files.append(file)
        return file


def open_scene(world: World, position: int, rng: Random, *, who: Person, recent: bool) -> Scene:
    """A plain report about one account: what every story begins with."""
    platform = rng.choices(PLATFORMS, _PLATFORM_WEIGHTS)[0]
    town = rng.choices(TOWNS, _TOWN_WEIGHTS)[0]
    days = rng.random() * 2 if recent else min(rng.expovariate(1 / 25), 300)
    when = world.until - 600 - int(days * DAY)
    language = rng.choices(("en", "ur", "roman"), (55, 20, 25))[0]
    account = Account(
        identifier=who.identifier,
        service=platform.name,
        screen_name=who.handle,
        profile_urls=[f"https://{platform.host}/u/{who.handle}"],
    )
    die = rng.random()
    if die < 0.7:
        account.phones = [Contact(write_phone(rng, who.phone), rng.choice((True, True, None)), "Mobile")]
    if die > 0.4:
        account.emails = [Contact(who.email, rng.choice((True, False, None)))]
    if rng.random() < 0.35:
        account.display_names = [f"{who.first} {rng.choice(('K', 'M', 'S'))}"]
    for event in ("Login", "Registration", "Login")[: rng.randrange(1, 4)]:
        host, port = address(rng) if rng.random() < 0.5 else carrier_address(rng)
        at = stamp(when - rng.randrange(60, 30 * DAY))
        account.captures.append(Capture(host, event, at, port, rng.choice((None, None, None, False, True))))
    if rng.random() < 0.4:
        account.devices = [Device("android", who.device, "Login", stamp(when - rng.randrange(60, DAY)))]
    if rng.random() < 0.6:
        account.location = Location(town.name, town.province, verified=rng.choice((True, False, None)))
    if rng.random() < 0.5:
        account.disabled_at = stamp(when + 300)
    report = Report(
        at=stamp(when),
        platform=platform.name if rng.random() < 0.6 else "",
        entity=platform.name,
        entity_email=f"safety@{platform.host}",
        reported=[account],
        number=world.number(position),
        received_at=stamp(when + 500),
    )
    scene = Scene(world, position, rng, platform, town, when, who, language, report)
    scene.labels["language"] = ""
    return scene
