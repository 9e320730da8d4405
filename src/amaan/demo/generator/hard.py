"""Hard cases: danger that stands in words alone, what reads like danger and is none, what is complete and says nothing.

Each changes a plain report until it tells its story. They were written from what practitioners say goes wrong, before
and without any rule or word list; whether a rule finds them is for `amaan triage evaluate` to say.
"""

from __future__ import annotations

from collections.abc import Callable

from amaan.demo.generator.drafts import Account, Associated, Capture, Channel, Contact, Device, Location
from amaan.demo.generator.identifiers import carrier_address, write_phone
from amaan.demo.generator.plan import Part
from amaan.demo.generator.scene import DAY, Scene, stamp

Story = Callable[[Scene, Part], None]

WORDS, FIELDS, BOTH = "words", "fields", "both"

# Where a platform of this channel keeps what was written.
_WRITTEN = {"chatImIncident": "content", "onlineGamingIncident": "content", "emailIncident": "content"}


def _sparse(scene: Scene) -> None:
    """What many reports are: a name on a platform, and next to nothing about it."""
    account, rng = scene.account, scene.rng
    account.location, account.devices, account.display_names = None, [], []
    account.phones, account.emails, account.disabled_at = [], account.emails[:1], ""
    if rng.random() < 0.6:
        account.captures = account.captures[:1]
    scene.report.platform = ""


def _tell(scene: Scene, text: str) -> None:
    """In one of the places in which words come: beside the report, in what was written, beside the account."""
    die = scene.rng.random()
    if die < 0.5:
        scene.report.notes = text
    elif die < 0.75:
        kind = scene.platform.channel
        scene.add_channel()
        held = scene.report.channels[-1]
        scene.report.channels[-1] = Channel(kind, [*held.parts, (_WRITTEN.get(kind, "additionalInfo"), text)])
    else:
        scene.account.notes = text


def in_words(situation: str, youngest: int, oldest: int) -> Story:
    """A danger that no field tells: a sparse report of the commonest type, and a few words."""

    def story(scene: Scene, part: Part) -> None:
        rng = scene.rng
        _sparse(scene)
        scene.report.incident = rng.choices(("csam", "enticement", "misleading_words"), (6, 3, 1))[0]
        wallet = scene.wallet(scene.world.bystander(scene.position))
        _tell(scene, scene.say(situation, age=rng.randrange(youngest, oldest + 1), wallet=wallet))
        if rng.random() < 0.5:
            scene.add_file(classification="", annotations=(), known=rng.random() < 0.2)
        scene.labels["told_in"] = WORDS

    story.__name__ = situation
    return story


def access(scene: Scene, part: Part) -> None:
    """What law enforcement receives says who can reach the child; the rest is thin."""
    rng = scene.rng
    _sparse(scene)
    scene.report.incident = rng.choice(("csam", "molestation"))
    who = rng.choice(("Parent", "Stepfather", "Uncle", "Guardian", "Babysitter"))
    scene.account.relationship = who
    scene.account.access_to_victim = True
    scene.account.access_to_children = rng.choice((True, None))
    child = scene.add_victim(age=rng.randrange(4, 12), boy=rng.random() < 0.5)
    child.identifier = child.screen_name = child.service = ""
    if rng.random() < 0.5:
        scene.report.notes = scene.say("access")
    scene.add_file(classification=rng.choice(("", "A2", "B2")))
    scene.labels["told_in"] = FIELDS


def sadistic(scene: Scene, part: Part) -> None:
    """A group that drives a child to harm: the platform's own mark, and words."""
    age = scene.rng.randrange(11, 17)
    scene.report.incident = "enticement"
    scene.report.annotations = ("sadisticOnlineExploitation",)
    scene.report.notes = scene.say("sadistic", age=age)
    scene.account.group = f"circle{scene.position:x}"
    scene.add_victim(age=age, boy=scene.rng.random() < 0.4)
    scene.labels["told_in"] = BOTH


def peer_threat(scene: Scene, part: Part) -> None:
    """Between two pupils, and one is being threatened: protect her, help both."""
    _sparse(scene)
    scene.report.annotations = ("minorToMinorInteraction",)
    scene.account.age = scene.rng.randrange(14, 18)
    scene.report.notes = scene.say("peer_threat")
    scene.add_victim(age=scene.rng.randrange(12, 16), boy=False)
    scene.labels["told_in"] = BOTH


def known_new_victim(scene: Scene, part: Part) -> None:
    """A file that has gone round for years, and the child in it is in danger today."""
    age = scene.rng.randrange(12, 17)
    scene.add_file(known=True, annotations=("viral",), classification="")
    scene.report.notes = scene.say("known_new_victim", age=age)
    if scene.rng.random() < 0.5:
        scene.add_victim(age=age, boy=False, named=True, school=scene.rng.random() < 0.5)
    scene.labels["told_in"] = BOTH


# -- what reads like danger and is none


def settled(scene: Scene, part: Part) -> None:
    """Denied, long over, or only asked: nothing of it is so now."""
    _sparse(scene)
    scene.report.incident = scene.rng.choice(("csam", "enticement", "misleading_words"))
    _tell(scene, scene.say("settled"))
    if scene.rng.random() < 0.5:
        scene.add_file(known=scene.rng.random() < 0.5)


def advice(scene: Scene, part: Part) -> None:
    """Words about danger that warn of it."""
    scene.report.incident = "misleading_words"
    scene.report.notes = scene.say("advice")
    scene.add_channel()


def mass_mail(scene: Scene, part: Part) -> None:
    """A threat that was sent to everybody and is about nobody."""
    _sparse(scene)
    scene.report.incident = "misleading_words"
    scene.report.annotations = ("spam",)
    _tell(scene, scene.say("mass_mail"))


def adult(scene: Scene, part: Part) -> None:
    """The same crime against a grown-up: another office's matter."""
    wallet = scene.wallet(scene.world.bystander(scene.position))
    scene.report.incident = "misleading_words"
    scene.report.notes = scene.say("adult", wallet=wallet)
    scene.account.associated.append(Associated("Billing", "PocketRupee", phones=[Contact(wallet)]))
    scene.add_channel()


def false_alarm(scene: Scene, part: Part) -> None:
    """The platform called for haste and took it back in the same breath."""
    scene.report.incident = scene.rng.choice(("csam", "enticement"))
    scene.report.escalated = scene.say("false_alarm")
    scene.add_channel()
    scene.add_file(known=scene.rng.random() < 0.5)


def model(scene: Scene, part: Part) -> None:
    """Every field filled, and nothing in it: a viral file, long known, with the whole record of an account."""
    rng, account, who = scene.rng, scene.account, scene.who
    account.first, account.last = who.first, "Demo"
    account.phones = [
        Contact(write_phone(rng, who.phone), True, "Mobile"),
        Contact(write_phone(rng, who.phone), True, "Recovery"),
    ]
    account.emails = [Contact(who.email, True)]
    account.city, account.province = scene.town.name, scene.town.province
    account.age, account.display_names = rng.randrange(19, 60), [f"{who.first} K"]
    account.bio, account.group = "Cricket and cars.", f"fans{rng.getrandbits(20):x}"
    account.captures = []
    for event in ("Login", "Registration", "Login", "Purchase", "Upload"):
        host, port = carrier_address(rng)
        account.captures.append(
            Capture(host, event, stamp(scene.when - rng.randrange(60, 20 * DAY)), port, False)
        )
    account.devices = [Device("android", who.device, "Login", stamp(scene.when - 900))]
    account.location = Location(scene.town.name, scene.town.province, verified=True)
    account.disabled_at = stamp(scene.when + 300)
    account.associated = [
        Associated("Linked", "Kiteline", identifier=str(7_000_000_000 + rng.getrandbits(28)))
    ]
    scene.report.platform = scene.platform.name
    scene.report.notes = scene.say("model")
    scene.report.at_said = "The moment of the upload, from our own clock."
    scene.add_channel()
    for _ in range(rng.randrange(2, 5)):
        file = scene.add_file(
            known=True,
            annotations=("viral",),
            viewed=True,
            public=True,
            exif_viewed=True,
            classification="B2",
        )
        file.details = [("Make", "DemoCam"), ("Model", "One"), ("ImageWidth", "1280")]
        file.location = scene.url(f"f/{rng.getrandbits(32):x}")
        file.notes = "Matched by hash."
    scene.labels["flood"] = "viral"


def hoard(scene: Scene, part: Part) -> None:
    """Very many files, all of them known."""
    rng = scene.rng
    scene.report.notes = scene.say("hoard")
    for _ in range(rng.randrange(12, 40)):
        scene.add_file(known=True, annotations=("viral",) if rng.random() < 0.3 else ())


def no_access(scene: Scene, part: Part) -> None:
    """Asked, and answered with no: that is not the same as not said."""
    scene.account.access_to_children = scene.account.access_to_victim = False
    scene.account.relationship, scene.account.occupation = "Stranger", "Warehouse worker"
    scene.report.reported = [scene.account, Account(screen_name=f"friend{scene.position:x}")]
    scene.report.notes = scene.say("no_access")
    scene.add_file(known=True)


HARD: dict[str, Story] = {
    story.__name__: story
    for story in (
        in_words("words_threat", 11, 17),
        in_words("words_meeting", 10, 15),
        in_words("words_self_harm", 12, 17),
        in_words("words_live", 7, 15),
        in_words("words_with_suspect", 5, 13),
        in_words("words_missing", 9, 16),
        *(access, sadistic, peer_threat, known_new_victim),
        *(settled, advice, mass_mail, adult, false_alarm, model, hoard, no_access),
    )
}

# What always comes as the JSON of law enforcement: only there stand the fields that tell the story.
HARD_AS_JSON = {"access": 1.0, "no_access": 1.0}
