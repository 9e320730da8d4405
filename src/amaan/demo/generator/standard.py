"""Documents of one known size and content, for measuring."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from amaan.demo.generator.drafts import Account, Capture, Channel, Contact, Device, File, Report
from amaan.demo.generator.identifiers import Person, carrier_address, person
from amaan.demo.generator.scene import DAY, stamp
from amaan.demo.generator.words import PLATFORMS, SENTENCES, TOWNS
from amaan.demo.generator.world import DEFAULT_UNTIL, Package
from amaan.demo.generator.write_xml import file_document, report_document

# What a standard package names, without the sending platform's own address: 19 identifiers.
STANDARD_IDENTIFIERS = {
    "phone": 2,
    "email": 2,
    "handle": 2,
    "esp_id": 2,
    "ip": 4,
    "device": 2,
    "url": 2,
    "profile_url": 2,
    "group": 1,
}
_RECURRING = 0.1
_PARAGRAPH = (
    "Our systems found a file in an upload. The account was closed and its records were kept. No message "
    "was reviewed by a person. The sign-in records below are complete for the last thirty days and carry the "
    "port where it was recorded. Further records can be asked for with the report number. "
)


def standard_documents(seed: int, n: int, *, start: int = 0) -> Iterator[Package]:
    """`n` packages of one report and one file: about 6 KB together, exactly 19 identifiers each, one in ten
    of which was (or will be) seen in another package. Position `start` gives other packages than position 0.
    """
    until = int(DEFAULT_UNTIL.timestamp())
    for position in range(start, start + n):
        yield _standard(seed, position, until)


class _Mint:
    """Identifiers of this package; one time in ten that of an earlier package instead, whichever it is."""

    def __init__(self, seed: int, position: int, rng: Random) -> None:
        self.seed, self.position, self.rng = seed, position, rng
        self.people = (person(seed, position * 2), person(seed, position * 2 + 1))

    def place(self) -> int:
        """This position, or an earlier one."""
        if self.rng.random() < _RECURRING:
            return int(self.position * self.rng.random())
        return self.position

    def someone(self, which: int) -> Person:
        place = self.place()
        return self.people[which] if place == self.position else person(self.seed, place * 2 + which)

    def capture(self, event: str, when: int, which: int) -> Capture:
        dice = Random((self.seed << 32) + self.place() * 4 + which)  # noqa: S311  a demo world, nothing secret
        host, port = carrier_address(dice)
        return Capture(host, event, stamp(when - self.rng.randrange(60, 30 * DAY)), port)


def _standard(seed: int, position: int, until: int) -> Package:
    rng = Random((seed << 24) + position)  # noqa: S311  a demo world, nothing secret
    mint = _Mint(seed, position, rng)
    platform = PLATFORMS[position % len(PLATFORMS)]
    when = until - rng.randrange(600, 60 * DAY)
    number = 500_000_000 + position
    reported = Account(
        first=mint.people[0].first,
        last="Demo",
        phones=[
            Contact(mint.someone(0).phone, True, "Mobile"),
            Contact(mint.someone(1).phone, None, "Recovery"),
        ],
        emails=[Contact(mint.someone(0).email, True), Contact(mint.someone(1).email, False, "Recovery")],
        city=TOWNS[position % len(TOWNS)].name,
        province=TOWNS[position % len(TOWNS)].province,
        age=rng.randrange(18, 60),
        identifier=mint.someone(0).identifier,
        service=platform.name,
        screen_name=mint.someone(0).handle,
        profile_urls=[
            f"https://{platform.host}/u/{mint.someone(0).handle}",
            f"https://{platform.host}/id/{mint.someone(1).identifier}",
        ],
        bio="A bio in a demo world.",
        captures=[
            mint.capture("Login", when, 0),
            mint.capture("Registration", when, 1),
            mint.capture("Login", when, 2),
        ],
        devices=[
            Device("android", mint.someone(0).device, "Login", stamp(when - 900)),
            Device("android", mint.someone(1).device, "Registration", stamp(when - DAY)),
        ],
        group=f"group{mint.place():x}",
        disabled_at=stamp(when + 60),
        notes=_PARAGRAPH,
    )
    child = mint.someone(1)
    victim = Account(
        age=rng.randrange(12, 18),
        identifier=child.identifier,
        service=platform.name,
        screen_name=child.handle,
    )
    report = Report(
        incident="enticement" if position % 5 == 0 else "csam",
        at=stamp(when),
        platform=platform.name,
        channels=[
            Channel(
                "webPageIncident",
                [
                    ("url", f"https://{platform.host}/p/{mint.place():x}?part={part}&view=all")
                    for part in (1, 2)
                ],
            )
        ],
        entity=platform.name,
        entity_email=f"safety@{platform.host}",
        reported=[reported],
        victims=[victim],
        notes=_PARAGRAPH * 3 + SENTENCES["ordinary"]["ur"][0].format(platform=platform.name),
        number=number,
    )
    file = File(
        number=1,
        identifier=f"{rng.getrandbits(128):032x}",
        name=f"{rng.getrandbits(64):016x}.jpg",
        original_name="IMG-0001.jpg",
        uploaded_at=stamp(when - 300),
        viewed=True,
        exif_viewed=False,
        public=False,
        classification="B2",
        hashes=[("MD5", f"{rng.getrandbits(128):032x}"), ("SHA1", f"{rng.getrandbits(160):040x}")],
        capture=mint.capture("Upload", when, 3),
        details=[("Make", "DemoCam"), ("Model", "One"), ("ImageWidth", "1280"), ("ImageHeight", "960")],
        notes=_PARAGRAPH * 2,
    )
    documents = [("report.xml", report_document(report)), ("file-1.xml", file_document(file, number))]
    return Package(platform.name, number, documents, {"identifiers": 19})
