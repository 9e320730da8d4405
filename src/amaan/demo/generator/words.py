"""The invented platforms, places and sentences. Sentences say that something was threatened, offered or
arranged, and no more: there is nothing here that a person would have to be protected from reading.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Platform:
    """An invented service. Its name is also that of the reporting entity."""

    name: str
    weight: int
    channel: str

    @property
    def host(self) -> str:
        return f"{self.name.lower()}.example"


PLATFORMS = (
    Platform("Chatteral", 34, "chatImIncident"),
    Platform("Pixboard", 26, "webPageIncident"),
    Platform("Kiteline", 14, "chatImIncident"),
    Platform("Questpark", 10, "onlineGamingIncident"),
    Platform("Vaultdrop", 8, "webPageIncident"),
    Platform("Postlark", 8, "emailIncident"),
)
# Sends much and says little: a flood that must not bury the rest.
THIN_SENDER = Platform("Dumpstream", 0, "webPageIncident")

GIVEN_BOY = (
    "Ali",
    "Ahmed",
    "Bilal",
    "Danish",
    "Faisal",
    "Hamza",
    "Imran",
    "Junaid",
    "Kamran",
    "Naveed",
    "Usman",
)
GIVEN_GIRL = ("Amna", "Ayesha", "Fatima", "Hina", "Iqra", "Maryam", "Nida", "Rabia", "Sana", "Zainab")
HANDLE_ONE = (
    "blue",
    "quiet",
    "rapid",
    "silver",
    "lucky",
    "desert",
    "little",
    "night",
    "paper",
    "cedar",
    "amber",
)
HANDLE_TWO = (
    "falcon",
    "rickshaw",
    "mango",
    "kite",
    "river",
    "lantern",
    "pixel",
    "cricket",
    "signal",
    "anchor",
)


@dataclass(frozen=True, slots=True)
class Town:
    """A district's chief town, with its province as forms write it. Weights are invented round numbers."""

    name: str
    name_ur: str
    province: str
    weight: int


TOWNS = (
    Town("Lahore", "لاہور", "Punjab", 22),
    Town("Faisalabad", "فیصل آباد", "Punjab", 12),
    Town("Rawalpindi", "راولپنڈی", "Punjab", 11),
    Town("Multan", "ملتان", "Punjab", 8),
    Town("Gujranwala", "گوجرانوالہ", "Punjab", 8),
    Town("Sialkot", "سیالکوٹ", "Punjab", 5),
    Town("Bahawalpur", "بہاولپور", "Punjab", 4),
    Town("Sargodha", "سرگودھا", "Punjab", 4),
    Town("Karachi", "کراچی", "Sindh", 14),
    Town("Hyderabad", "حیدرآباد", "Sindh", 5),
    Town("Sukkur", "سکھر", "Sindh", 3),
    Town("Peshawar", "پشاور", "Khyber Pakhtunkhwa", 5),
    Town("Abbottabad", "ایبٹ آباد", "Khyber Pakhtunkhwa", 2),
    Town("Islamabad", "اسلام آباد", "Islamabad", 9),
    Town("Quetta", "کوئٹہ", "Balochistan", 3),
    Town("Muzaffarabad", "مظفرآباد", "Azad Jammu & Kashmir", 1),
)

# situation → language → sentences.
SENTENCES: dict[str, dict[str, list[str]]] = {
    situation: said
    for name in ("sentences.toml", "hard.toml")
    for situation, said in tomllib.loads(
        files(__package__).joinpath(name).read_text(encoding="utf-8")
    ).items()
}

THIN_SENTENCE = "Automated notice. Please see the attached record. This mailbox is not read."
