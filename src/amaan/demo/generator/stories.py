"""One function a situation. Each changes a plain report until it tells its story, and labels what was
planted.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from amaan.demo.generator.drafts import Account, Agency, Associated, Contact
from amaan.demo.generator.hard import HARD, HARD_AS_JSON
from amaan.demo.generator.plan import NOW, SERIOUS, Part
from amaan.demo.generator.scene import Scene
from amaan.demo.generator.words import PLATFORMS, THIN_SENDER, THIN_SENTENCE, TOWNS

Story = Callable[[Scene, Part], None]


def sextortion(scene: Scene, part: Part) -> None:
    """In progress: a boy of 14 to 17, a demand for money to a wallet."""
    age = scene.rng.randrange(14, 18)
    wallet = scene.wallet(scene.world.bystander(scene.position))
    scene.report.incident = "enticement"
    scene.report.annotations = ("sextortion",)
    scene.report.notes = scene.say("sextortion", age=age, wallet=wallet)
    scene.account.associated.append(Associated("Billing", "PocketRupee", phones=[Contact(wallet)]))
    scene.add_victim(age=age, boy=True, named=scene.rng.random() < 0.3)
    scene.add_channel()
    if scene.rng.random() < 0.5:
        scene.add_file(annotations=("possibleSelfProduction",))


def recruitment(scene: Scene, part: Part) -> None:
    """One of a ring's reports: another platform, another town, the same wallet, often the same phone or
    handle.
    """
    ring = part.group
    leader = scene.world.ringleader(ring, 0)
    common = Random(scene.world.seed * 31 + ring)  # noqa: S311  the ring's own choices, the same for each member
    scene.platform = PLATFORMS[(ring + part.member) % len(PLATFORMS)]
    scene.town = TOWNS[(ring * 5 + part.member * 3) % len(TOWNS)]
    scene.language = common.choice(("en", "ur", "roman"))
    pick = common.randrange(2)
    scene.report.entity = scene.platform.name
    scene.report.entity_email = f"safety@{scene.platform.host}"
    scene.report.platform = scene.platform.name
    account = scene.account
    account.service = scene.platform.name
    shares = ["wallet"]
    if part.member % 2 == 0:
        account.phones = [Contact(scene.wallet(leader), True, "Mobile")]
        shares.append("phone")
    if part.member % 3 == 0:
        account.screen_name = leader.handle
        shares.append("handle")
    account.profile_urls = [scene.url(f"u/{account.screen_name}")]
    account.location = None
    purse = scene.wallet(scene.world.ringleader(ring, 1))
    phone = scene.wallet(leader) if "phone" in shares else scene.wallet(scene.who)
    scene.report.incident = "sex_trafficking" if part.member % 4 == 0 else "enticement"
    scene.report.notes = scene.say(
        "recruitment", pick=pick, wallet=purse, phone=phone, handle=account.screen_name, age=16
    )
    account.associated.append(Associated("Billing", "PocketRupee", phones=[Contact(purse)]))
    scene.add_victim(age=scene.rng.choice((15, 16, 17, None)), boy=scene.rng.random() < 0.4)
    scene.add_channel()
    scene.labels.update(ring=f"ring-{ring + 1:04d}", shares=shares)


def meeting(scene: Scene, part: Part) -> None:
    age = scene.rng.randrange(11, 16)
    scene.report.incident = "enticement"
    scene.report.notes = scene.say("meeting", age=age)
    scene.add_victim(age=age, boy=scene.rng.random() < 0.4)
    scene.add_channel()


def live(scene: Scene, part: Part) -> None:
    wallet = scene.wallet(scene.world.bystander(scene.position))
    scene.report.notes = scene.say("live", wallet=wallet)
    scene.add_channel()
    scene.add_file(annotations=("liveStreaming",), viewed=True, uploaded_at=scene.report.at)
    scene.add_victim(age=scene.rng.choice((9, 11, 13, None)), boy=scene.rng.random() < 0.5)


def trusted(scene: Scene, part: Part) -> None:
    """Somebody who is with children by profession; the JSON has fields for it, the XML only words."""
    rng = scene.rng
    scene.report.incident = rng.choice(("molestation", "enticement", "csam"))
    scene.report.notes = scene.say("trusted", age=12)
    teaches = any(word in scene.report.notes for word in ("tuition", "ٹیوشن"))
    scene.account.occupation = "Teacher" if teaches else "School van driver"
    scene.account.relationship = "Teacher" if teaches else "Acquaintance"
    scene.account.access_to_children = True
    scene.account.access_to_victim = rng.choice((True, None))
    scene.account.vehicle = "" if teaches else "White van, plate DEMO-123"
    scene.add_channel()
    scene.add_file()


def seller(scene: Scene, part: Part) -> None:
    wallet = scene.wallet(scene.world.bystander(scene.position))
    group = f"shop{scene.position:x}"
    link = scene.url(f"join/{group}")
    scene.account.group = group
    scene.account.bio = f"Price list inside. Join {link}"
    scene.report.notes = scene.say("seller", wallet=wallet, iban=scene.bank_account(), group=link)
    scene.add_channel()
    for _ in range(3):
        scene.add_file(public=True, known=scene.rng.random() < 0.5)


def escalated(scene: Scene, part: Part) -> None:
    scene.report.incident = "enticement"
    scene.report.escalated = scene.say("escalated")
    scene.add_victim(age=scene.rng.randrange(9, 15), boy=scene.rng.random() < 0.5, named=True, school=True)
    scene.add_channel()
    scene.add_file(viewed=True)


# What one side of a look-alike pair says and the other does not.
DECISIVE = ("meeting", "live", "school", "teacher", "sextortion", "self_harm", "with_suspect")


def lookalike(scene: Scene, part: Part) -> None:
    """Two reports that read alike; on one side a single fact decides. They are about two different people."""
    scene.language = "en"
    scene.report.incident = "enticement"
    scene.report.notes = scene.say("grooming", pick=0, age=15)
    # An account without more, so that nothing but the planted fact sets the two apart.
    scene.account.location, scene.account.devices, scene.account.display_names = None, [], []
    scene.add_file(viewed=True, public=None, classification="")
    scene.labels.update(pair=f"pair-{part.group + 1:04d}", danger=SERIOUS)
    if part.member == 0:
        return
    decisive = DECISIVE[part.group % len(DECISIVE)]
    scene.labels.update(decisive=decisive, danger=NOW)
    if decisive == "meeting":
        scene.report.notes += f" They agreed to meet at the bus stand in {scene.town.name} on Saturday."
    elif decisive == "live":
        scene.files[0].annotations = ("liveStreaming",)
    elif decisive == "school":
        scene.add_victim(age=10, boy=True, named=True, school=True)
    elif decisive == "teacher":
        scene.report.notes += " The holder is a teacher at the child's primary school."
        scene.account.occupation = "Teacher"
    elif decisive == "self_harm":
        scene.report.notes += " The child wrote today that they do not want to live any more."
    elif decisive == "with_suspect":
        scene.report.notes += " The holder is the child's uncle, and they live in one house."
    else:
        scene.report.annotations = ("sextortion",)


def meme(scene: Scene, part: Part) -> None:
    """A bundle: many people passed on one viral file. The rules allow persons with a service id only, and
    one file.
    """
    report = scene.report
    report.batched, report.platform = True, ""
    report.reported = [
        Account(identifier=str(7_900_000_000 + scene.rng.getrandbits(30)))
        for _ in range(scene.rng.randrange(4, 30))
    ]
    scene.add_file(
        known=True,
        annotations=scene.rng.choice((("potentialMeme", "viral"), ("potentialMeme",), ("viral",))),
        capture=None,
        classification="",
    )
    scene.labels["flood"] = "viral"


def thin(scene: Scene, part: Part) -> None:
    """Nothing to act on, thousands of times the same words, from one sender."""
    scene.platform = THIN_SENDER
    report = scene.report
    report.entity, report.entity_email = THIN_SENDER.name, f"safety@{THIN_SENDER.host}"
    report.platform, report.notes = "", THIN_SENTENCE
    report.reported = [Account(screen_name=f"guest{scene.rng.getrandbits(30)}")]
    if scene.rng.random() < 0.6:
        scene.add_file(capture=None, hashes=[], classification="", viewed=None, public=None, relevance="")
    scene.labels.update(flood="thin", language="en")


def grooming(scene: Scene, part: Part) -> None:
    age = scene.rng.randrange(11, 17)
    scene.report.incident = "enticement"
    scene.report.notes = scene.say("grooming", age=age)
    scene.add_victim(age=age, boy=scene.rng.random() < 0.3)
    scene.add_channel()


def generated(scene: Scene, part: Part) -> None:
    """Made by a machine: never a reason to lower it."""
    scene.report.notes = scene.say("generated")
    scene.add_victim(age=scene.rng.randrange(12, 18), boy=False)
    scene.add_file(annotations=("generativeAi",), viewed=True)


def minors(scene: Scene, part: Part) -> None:
    """Two pupils: protect, do not criminalise."""
    scene.report.annotations = ("minorToMinorInteraction",)
    scene.report.notes = scene.say("minors")
    scene.account.age = scene.rng.randrange(13, 17)
    scene.add_victim(age=scene.rng.randrange(13, 17), boy=scene.rng.random() < 0.5)
    scene.add_file(annotations=("possibleSelfProduction",))


def compromised(scene: Scene, part: Part) -> None:
    scene.account.compromised = True
    scene.account.notes = scene.say("compromised")
    scene.add_channel()
    scene.add_file(known=True)


def third_party(scene: Scene, part: Part) -> None:
    scene.account.third_party = True
    scene.account.captures, scene.account.devices, scene.account.disabled_at = [], [], ""
    scene.account.notes = scene.say("third_party")
    scene.add_file(capture=None)


def told(scene: Scene, part: Part) -> None:
    """Law enforcement knows already: two offices must not work against each other."""
    scene.report.agency = Agency(
        "Demo Cybercrime Wing", f"DEMO/{scene.position}/25", True, scene.rng.random() < 0.4
    )
    scene.report.notes = scene.say("told")
    scene.add_file()


def newer(scene: Scene, part: Part) -> None:
    """Elements that real senders use and the schema does not know yet; to be kept and shown."""
    scene.add_file(known=scene.rng.random() < 0.5)
    added = []
    if part.group % 2 == 0:
        scene.report.annotations = ("informational",)
        added.append("informational")
    if part.group % 3 != 0 or not added:
        scene.account.age, scene.account.age_discrepancy = 19, "true"
        added.append("ageAssertionDiscrepancy")
    scene.report.notes = scene.say("ordinary")
    scene.labels.update(newer=True, newer_elements=added)


def text_only(scene: Scene, part: Part) -> None:
    """No account, no file: only words, and they matter."""
    scene.report.reported = []
    scene.report.incident = "enticement"
    scene.report.notes = scene.say("grooming", age=13)


def ordinary(scene: Scene, part: Part) -> None:
    rng = scene.rng
    scene.report.incident = rng.choices(("csam", "obscene_to_child", "misleading_words"), (94, 4, 2))[0]
    if rng.random() < 0.7:
        scene.report.notes = scene.say("ordinary")
    if rng.random() < 0.6:
        scene.add_channel()
    for _ in range(rng.choices((1, 2, 3), (6, 3, 1))[0]):
        viral = rng.random() < 0.4
        scene.add_file(known=viral, annotations=("viral",) if viral and rng.random() < 0.3 else ())
    if rng.random() < 0.06:
        scene.account.prior_reports = [900_000_000 + rng.randrange(1_000_000)]


STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        *(
            sextortion,
            recruitment,
            meeting,
            live,
            trusted,
            seller,
            escalated,
            lookalike,
            meme,
            thin,
            grooming,
        ),
        *(generated, minors, compromised, third_party, told, newer, text_only, ordinary),
    )
} | HARD

# How often a story comes as the JSON of law enforcement instead of the platform's XML.
AS_JSON = {
    "trusted": 0.5,
    "ordinary": 0.07,
    "meeting": 0.25,
    "sextortion": 0.1,
    "grooming": 0.2,
    "text_only": 0.4,
    **HARD_AS_JSON,
}
