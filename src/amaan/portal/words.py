"""The words of the questions, for the door and for staff who take a report down by telephone. Lazy, in every language.

Short sentences, no blame, no shame; told about the one who comes this way, where that reads differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from amaan.portal.domain.questions import ABROAD, Way
from amaan.vocabulary.domain.places import District, Province, district

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Said = _StrPromise


class Words(NamedTuple):
    """What stands above, and below it in smaller letters; `hint` may be empty."""

    title: Said | str
    hint: Said | str = ""


WAY_WORDS: Final[Mapping[Way, Words]] = {
    Way.ME: Words(
        _("It is happening to me"),
        _("Now, or when you were younger. Boys and girls, men and women: you are all welcome here."),
    ),
    Way.CHILD: Words(
        _("A child I know"), _("Your child, a pupil, a neighbour, a friend. You need nobody's permission.")
    ),
    Way.SAW: Words(
        _("I saw something"),
        _("A link, a picture, a group, an account. Do not send it on. Just tell us where it is."),
    ),
    Way.THREAT: Words(
        _("Someone is threatening to share pictures"),
        _("Real pictures, or made by a computer. You do not have to pay. You do not have to answer them."),
    ),
}

_FITS: Final = _("Choose all that fit.")
_ONE_A_LINE: Final = _("Write each one on a line of its own.")
_QUESTIONS: Final[Mapping[str, Words]] = {
    "danger": Words(
        _("Is somebody in danger now?"), _("Choose all that is true. You will see at once who can help.")
    ),
    "danger_help": Words(_("Who can help now"), _("You can call first and come back to this page after it.")),
    "meeting": Words(_("When and where is the meeting?")),
    "find_child": Words(
        _("What would help to find the child?"),
        _("A place, a school, a street, a car, the child's clothes. You need not write a name."),
    ),
    "happening": Words(_("What is happening?"), _FITS),
    "what_happened": Words(
        _("What happened?"),
        _("In your own words, long or short. You cannot tell it wrong. You need not describe pictures."),
    ),
    "platforms": Words(_("Where does it happen?"), _FITS),
    "accounts": Words(
        _("What account names do they use?"),
        _("The name in the app, or the address of the profile. Write each one on a line of its own."),
    ),
    "links": Words(
        _("Is there a link?"),
        _(
            "Copy only the address. Do not save the picture and do not send it on. Write each link on a line of its "
            "own."
        ),
    ),
    "groups": Words(
        _("Is there a group or a channel?"),
        _("Its name, or the link of its invitation. Write each one on a line of its own."),
    ),
    "phones": Words(_("What phone numbers do they use?"), _ONE_A_LINE),
    "person": Words(_("Who is this person?")),
    "when": Words(_("When did it happen last?")),
    "where": Words(
        _("Where is it?"), _("It helps the right police unit to act. You can leave any of it out.")
    ),
    "promised": Words(
        _("Was something promised?"),
        _("People who harm others often begin with a promise. Choose all that fit."),
    ),
    "demanded": Words(_("What do they demand?"), _("You need not give them anything. Choose all that fit.")),
    "pay": Words(
        _("How do they want to be paid?"),
        _("Paying seldom makes it stop. If something was paid already, it is not your fault."),
    ),
    "chat": Words(
        _("What was written in the chat?"),
        _("Type it or paste the text. A picture that you paste here stays on your device."),
    ),
    "pictures": Words(
        _("Are there pictures or videos?"),
        _("Do not send them to us or to anybody. Tell us only what you know."),
    ),
    "child": Words(_("What do you know about the child?")),
    "others": Words(_("Does it happen to others too?")),
    "police": Words(_("Do the police know already?"), _("You can report here in both cases.")),
    "more": Words(_("Is there anything else?"), _("Whatever you think we should know.")),
    "contact": Words(
        _("May we reach you?"),
        _("We send nothing by ourselves. At the end you get a code; with it you can read our answer here."),
    ),
    "contact_how": Words(
        _("How and when is it safe?"),
        _("Think of who else sees this phone. We write only in the way you choose."),
    ),
}
_OF_WAY: Final[Mapping[tuple[str, Way], Words]] = {
    ("danger", Way.ME): Words(
        _("Are you in danger now?"), _("Choose all that is true. You will see at once who can help.")
    ),
    ("danger", Way.THREAT): Words(
        _("Are you in danger now?"), _("Choose all that is true. You will see at once who can help.")
    ),
    ("find_child", Way.ME): Words(
        _("What would help to find you?"),
        _("A place, a street, a school, a car. You need not write your name."),
    ),
    ("find_child", Way.THREAT): Words(
        _("What would help to find you?"),
        _("A place, a street, a school, a car. You need not write your name."),
    ),
    ("happening", Way.CHILD): Words(_("What is happening to the child?"), _FITS),
    ("happening", Way.SAW): Words(_("What did you see?"), _FITS),
    ("happening", Way.THREAT): Words(_("Is something else happening too?"), _FITS),
    ("what_happened", Way.SAW): Words(
        _("How did you find it?"),
        _("In your own words, long or short. You need not describe what the pictures show."),
    ),
    ("what_happened", Way.THREAT): Words(
        _("What did they say or do?"),
        _("In your own words, long or short. You cannot tell it wrong. It is not your fault."),
    ),
    ("platforms", Way.SAW): Words(_("Where did you see it?"), _FITS),
    ("person", Way.ME): Words(_("Who is this person to you?")),
    ("person", Way.THREAT): Words(_("Who is this person to you?")),
    ("person", Way.CHILD): Words(_("Who is this person to the child?")),
    ("person", Way.SAW): Words(_("What do you know about the person who does this?")),
    ("pay", Way.SAW): Words(_("How is it paid for?")),
    ("when", Way.SAW): Words(_("When did you see it?")),
    ("child", Way.ME): Words(_("How old are you?"), _("If it was in the past: how old were you then?")),
    ("child", Way.THREAT): Words(_("How old are you?"), _("Whatever your age is, we help.")),
    ("child", Way.CHILD): Words(_("Who is the child to you?")),
}

_FIELDS: Final[Mapping[str, Words]] = {
    "meeting_date": Words(_("Day of the meeting"), _("For example 24 12. The year can stay empty.")),
    "meeting": Words(_("Time and place")),
    "platform_other": Words(_("Name of another app, game or website")),
    "person_about": Words(
        _("What else do you know about this person?"),
        _("The name they use, where they live or work, how they look or speak. If you guess, say so."),
    ),
    "when_date": Words(_("The date, if you know it"), _("The year alone, or month and year, is fine too.")),
    "district": Words(_("District")),
    "venue": Words(_("Kind of place")),
    "place": Words(_("The place in your words")),
    "promised_about": Words(_("Say more, if you want to")),
    "demanded_about": Words(_("How much, and until when?")),
    "pay_ways": Words(_("Way of paying")),
    "pay_numbers": Words(
        _("Number, account or wallet"),
        _("Easypaisa or JazzCash number, bank account, crypto address. Write each one on a line of its own."),
    ),
    "paid": Words(_("Was something paid already?")),
    "victim_relation": Words(_("The child is")),
    "victim_age": Words(_("Age")),
    "victim_sex": Words(_("Boy or girl"), _("You need not say.")),
    "police_about": Words(_("Which police station or office, and the number of the complaint")),
    "contact_how": Words(_("How")),
    "contact_to": Words(_("Number or address")),
    "contact_when": Words(_("When is it safe?"), _("For example: on weekdays from 4 to 5.")),
    "contact_care": Words(
        _("What must we be careful about?"), _("For example: my brother answers this phone too.")
    ),
}

_YES_NO: Final = {"yes": _("Yes"), "no": _("No"), "not_said": _("I do not know")}
_OPTIONS: Final[Mapping[str, Mapping[str, Said | str]]] = {
    "danger": {
        "child_with_person": _("A child is with this person now"),
        "live_now": _("It is happening at this moment"),
        "meeting": _("A meeting is planned"),
        "threat_now": _("Somebody is making threats now"),
        "self_harm": _("Somebody wants to hurt themselves, or does not want to live"),
        "missing": _("A child is missing"),
        "none": _("None of these"),
    },
    "happening": {
        "threat": _("Somebody threatens to show private pictures"),
        "asks_pictures": _("Somebody asks for private pictures or videos"),
        "asks_video": _("Somebody asks for things on a video call"),
        "asks_meeting": _("Somebody wants to meet"),
        "sends_sexual": _("Somebody sends sexual pictures or words"),
        "pictures_shared": _("Private pictures were shown to others"),
        "hurt": _("Somebody touches or hurts me"),
        "offer": _("An offer of work, modelling or study that does not feel right"),
        "fake_pictures": _("Pictures that were made or changed by a computer"),
        "hidden_camera": _("A hidden camera"),
        "taken": _("I am kept somewhere, or made to go with people"),
        "live": _("Abuse that is shown live"),
        "group": _("A group or channel that shares such pictures"),
        "selling": _("Somebody takes or offers money for it"),
        "other": _("Something else"),
    },
    "platforms": {
        "whatsapp": _("WhatsApp"),
        "facebook": _("Facebook"),
        "messenger": _("Messenger"),
        "instagram": _("Instagram"),
        "tiktok": _("TikTok"),
        "snapchat": _("Snapchat"),
        "telegram": _("Telegram"),
        "youtube": _("YouTube"),
        "imo": _("imo"),
        "discord": _("Discord"),
        "x": _("X (Twitter)"),
        "game": _("A game"),
        "dating_app": _("A dating app"),
        "job_site": _("A job app or job page"),
        "website": _("A website"),
        "calls_sms": _("Calls or SMS"),
        "in_person": _("Face to face"),
        "other": _("Somewhere else"),
    },
    "person": {
        "stranger_online": _("Somebody known only from the internet"),
        "acquaintance": _("Somebody known from the area"),
        "friend": _("A friend, or somebody who was one"),
        "relative": _("A relative"),
        "parent": _("A father or mother, or stepfather or stepmother"),
        "carer": _("Somebody who looks after children"),
        "teacher": _("A teacher or coach"),
        "religious_teacher": _("A religious teacher"),
        "employer": _("Somebody one works for"),
        "official": _("Somebody with an office: police, army, politics"),
        "not_known": _("I do not know"),
        "other": _("Somebody else"),
    },
    "when": {
        "now": _("It is still going on"),
        "today": _("Today"),
        "week": _("In the last 7 days"),
        "month": _("In the last month"),
        "year": _("In the last year"),
        "longer": _("Longer ago"),
        "not_sure": _("I am not sure"),
    },
    "venue": {
        "online": _("Only on the phone or internet"),
        "home": _("A home"),
        "apartment": _("A flat or rented room"),
        "school": _("A school, college or academy"),
        "workplace": _("A workplace"),
        "worship": _("A place of worship or madrasa"),
        "shop": _("A shop or market"),
        "hotel": _("A hotel or guest house"),
        "vehicle": _("A car, van or bus"),
        "public": _("A street, park or other open place"),
        "other": _("Another place"),
    },
    "promised": {
        "job": _("Work"),
        "modelling": _("Modelling or acting"),
        "study": _("Study or training"),
        "money": _("Money"),
        "gifts": _("Gifts or a phone"),
        "game_items": _("Things for a game"),
        "help": _("Help"),
        "friendship": _("Friendship"),
        "travel": _("Travel"),
        "other": _("Something else"),
    },
    "demanded": {
        "money": _("Money"),
        "more_pictures": _("More pictures or videos"),
        "video_call": _("A video call"),
        "meeting": _("A meeting"),
        "passwords": _("Passwords"),
        "other_child": _("To bring another child"),
        "silence": _("To tell nobody"),
        "other": _("Something else"),
    },
    "pay_ways": {
        "easypaisa": _("Easypaisa"),
        "jazzcash": _("JazzCash"),
        "bank": _("Bank account"),
        "crypto": _("Crypto, such as Bitcoin or USDT"),
        "gift_cards": _("Gift cards"),
        "top_up": _("Mobile balance"),
        "cash": _("Cash"),
        "other": _("Another way"),
    },
    "paid": _YES_NO,
    "pictures": {
        "real": _("Yes, real ones"),
        "computer_made": _("Yes, made or changed by a computer"),
        "not_sure": _("Yes, and I am not sure whether they are real"),
        "none": _("No"),
    },
    "victim_relation": {
        "my_child": _("My own child"),
        "relative": _("A child of my family"),
        "pupil": _("A pupil of mine"),
        "patient": _("A child in my care"),
        "neighbour": _("A child of the neighbourhood"),
        "friend": _("A friend, or a friend's friend"),
        "not_known": _("I do not know the child"),
        "other": _("Somebody else"),
    },
    "victim_age": {
        "0-5": _("5 or younger"),
        "6-10": _("6 to 10"),
        "11-13": _("11 to 13"),
        "14-15": _("14 or 15"),
        "16-17": _("16 or 17"),
        "18+": _("18 or older"),
    },
    "victim_sex": {"boy": _("Boy"), "girl": _("Girl"), "not_said": _("I would rather not say")},
    "others": _YES_NO,
    "police": _YES_NO,
    "contact": {
        "code": _("Only here, when I come back with my code"),
        "no": _("No, do not contact me"),
        "yes": _("Yes, there is a safe way to reach me"),
    },
    "contact_how": {
        "call": _("Phone call"),
        "sms": _("SMS"),
        "whatsapp": _("WhatsApp"),
        "telegram": _("Telegram"),
        "email": _("Email"),
        "other": _("Another way"),
    },
    "district": {ABROAD: _("Outside Pakistan")},
}
_OPTIONS_OF_WAY: Final[Mapping[tuple[str, str, Way], Said]] = {
    ("danger", "child_with_person", Way.ME): _("I am with this person now, or they can reach me"),
    ("danger", "child_with_person", Way.THREAT): _("I am with this person now, or they can reach me"),
    ("danger", "self_harm", Way.ME): _("I want to hurt myself, or I do not want to live"),
    ("danger", "self_harm", Way.THREAT): _("I want to hurt myself, or I do not want to live"),
    ("danger", "self_harm", Way.CHILD): _("The child talks of hurting themselves, or of not wanting to live"),
    ("happening", "hurt", Way.CHILD): _("Somebody touches or hurts the child"),
    ("happening", "taken", Way.CHILD): _("The child is kept somewhere, or made to go with people"),
    ("happening", "taken", Way.SAW): _("A child who is kept somewhere, or sold"),
    ("happening", "asks_pictures", Way.SAW): _("Somebody who asks children for pictures"),
    ("happening", "asks_meeting", Way.SAW): _("Somebody who tries to meet children"),
    ("happening", "pictures_shared", Way.SAW): _("Pictures or videos of the sexual abuse of a child"),
    ("happening", "offer", Way.SAW): _("An offer of work or modelling that does not feel right"),
    ("happening", "selling", Way.SAW): _("Somebody who sells or buys such pictures, or children"),
}


def question_words(key: str, way: Way) -> Words:
    """What stands above a page."""
    return _OF_WAY.get((key, way), _QUESTIONS[key])


def recording_name(key: str, way: Way) -> str:
    """What a question's recording is called: where a way has words of its own, it is read aloud on its own too."""
    return f"{key}-{way}" if (key, way) in _OF_WAY else key


def has_own_words(field: str) -> bool:
    """Whether a field says more than the question above it."""
    return field in _FIELDS


def field_words(key: str, way: Way) -> Words:
    """What stands above a field; where it says no more than its question, the question's words."""
    return _FIELDS[key] if key in _FIELDS else question_words(key, way)


def option_words(field: str, option: str, way: Way) -> Said | str:
    """One option, or a district by its P-code, in the language of the moment."""
    if field == "district" and option != ABROAD:
        place = district(option)
        return place_name(place) if place else option
    return _OPTIONS_OF_WAY.get((field, option, way), _OPTIONS[field][option])


def place_name(place: District | Province) -> str:
    """English, or Urdu for whoever doesn't read English on this page."""
    return place.name if translation.get_language() == "en" else place.name_ur
