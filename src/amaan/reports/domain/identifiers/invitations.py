"""Invitations to groups and channels."""

from __future__ import annotations

import re
from typing import ClassVar

from amaan.reports.domain.identifiers.base import Cleaned, IdentifierType, Text, expected, plain
from amaan.reports.domain.identifiers.platforms import without_prefix

_CODE = r"([A-Za-z0-9_-]{3,128})"
_START = r"(?:https?://)?(?:www\.)?"
_END = r"(?:[/?#]\S*)?"
FORMS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (platform, mark, re.compile(pattern, re.IGNORECASE))
    for platform, mark, pattern in (
        ("whatsapp", "", rf"{_START}chat\.whatsapp\.com/(?:invite/)?([A-Za-z0-9]{{18,30}}){_END}"),
        ("whatsapp", "channel/", rf"{_START}whatsapp\.com/channel/{_CODE}{_END}"),
        ("telegram", "+", rf"{_START}(?:t|telegram)\.(?:me|dog)/(?:joinchat/|\+|%2B){_CODE}{_END}"),
        ("telegram", "+", rf"tg://join/?\?invite={_CODE}(?:&\S*)?"),
        ("discord", "", rf"{_START}(?:discord\.gg|discord(?:app)?\.com/invite|discord\.me)/{_CODE}{_END}"),
        ("signal", "", r"(?:https?://|sgnl://)?signal\.group/#([A-Za-z0-9_-]{20,200})"),
        ("messenger", "", rf"{_START}m\.me/j/{_CODE}{_END}"),
        ("viber", "", r"(?:https?://)?invite\.viber\.com/\?g2?=([A-Za-z0-9_%+/=-]{10,200})"),
        ("line", "", rf"{_START}line\.me/(?:ti/g2?|R/ti/g)/{_CODE}{_END}"),
    )
)
_TELEGRAM_PUBLIC = re.compile(
    rf"{_START}(?:t|telegram)\.me/(?:s/)?([a-z][a-z0-9_]{{3,31}}){_END}", re.IGNORECASE
)
_BARE = re.compile(r"(?:channel/|\+)?[A-Za-z0-9_%/=+-]{3,200}")


class Invitation(IdentifierType):
    name: ClassVar[str] = "invitation"
    label: ClassVar[Text] = Text("Invitation to a group", "گروپ کا دعوت نامہ")
    links: ClassVar[bool] = False
    why: ClassVar[Text] = Text(
        "An invitation is passed from hand to hand, also to children, so an equal one only supports. It "
        "shows that "
        "two reports are about the same group.",
        "دعوت نامہ ہاتھوں ہاتھ پھیلتا ہے اور بچوں تک بھی پہنچتا ہے، اس لیے ایک جیسا دعوت نامہ صرف تائید "
        "کرتا ہے۔ یہ دکھاتا ہے "
        "کہ دو رپورٹیں ایک ہی گروپ کی ہیں۔",
    )
    accepts: ClassVar[str] = (
        "Invitation links of WhatsApp (groups, channels), Telegram (private, public), Discord, Signal, "
        "Messenger, Viber "
        "and LINE, or the code alone with its platform. Codes keep their case; what follows the code "
        "does not count."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv?mode=x", ""),
        ("t.me/joinchat/AAAAAExampleCode", ""),
        ("discord.gg/Example1", ""),
    )

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = plain(raw)
        if len(text) > 2048:
            raise expected("an invitation link such as https://chat.whatsapp.com/…")
        if found := invitation_in(text):
            key, code = found
            return self.result(f"{key}:{code}", f"{key}:{code}", key)
        if match := _TELEGRAM_PUBLIC.fullmatch(text):
            code = match[1].lower()
            return self.result(f"telegram:{code}", f"telegram:{code}", "telegram")
        text, key = without_prefix(text, platform)
        if not key or not _BARE.fullmatch(text):
            raise expected(
                "an invitation link such as https://chat.whatsapp.com/…, or a code with its platform"
            )
        if key == "telegram" and not text.startswith("+"):
            text = text.lower()
        return self.result(f"{key}:{text}", f"{key}:{text}", key)


def invitation_in(address: str) -> tuple[str, str] | None:
    """(platform, code) when the whole text is an invitation link."""
    for platform, mark, pattern in FORMS:
        if match := pattern.fullmatch(address):
            return platform, mark + match[1]
    return None
