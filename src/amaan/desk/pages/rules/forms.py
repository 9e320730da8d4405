"""What is asked of whoever proposes or rejects rules."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from amaan.desk.fields import Words
from amaan.desk.sentences import said
from amaan.triage.domain.proposals import LARGEST_FILE, MOST_REASON
from amaan.triage.domain.rewriting import Wish
from amaan.triage.domain.ruleset import BANDS_BY_SLUG, Rule, RuleSet
from amaan.triage.domain.ruleset import Words as BothLanguages

LONGEST: Final = 300
"""Characters of a rule's reason in one language: it is read at a glance, in a queue."""


class WhyForm(forms.Form):
    """A reason, which whoever reads rules can read."""

    reason = Words(
        most=MOST_REASON,
        label=_("Why"),
        help_text=_("Everybody who may read the rules reads it. Write nothing about a person or a report."),
    )


class TextForm(WhyForm):
    """A rule file whole, exactly as it is typed."""

    body = forms.CharField(
        label=_("The rule file"),
        max_length=LARGEST_FILE,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 28,
                "dir": "ltr",
                "lang": "en",
                "spellcheck": "false",
                "wrap": "off",
                "class": "file",
            }
        ),
    )
    field_order = ("body", "reason")

    def clean_body(self) -> str:
        """A browser sends every line's end as two characters."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")


class Sentence(forms.CharField):
    """One line of text; a line's end that was typed is a space."""

    def __init__(self, **how: Any) -> None:
        super().__init__(max_length=LONGEST, **how)

    def to_python(self, value: Any) -> Any:
        return " ".join(str(super().to_python(value)).split())


class ChangeForm(WhyForm):
    """The common change of one rule."""

    weight = forms.IntegerField(
        min_value=-100,
        max_value=100,
        label=_("Weight"),
        help_text=_("Points that it gives or takes on its axis, -100 to 100."),
    )
    floor = forms.ChoiceField(
        required=False,
        label=_("Floor"),
        help_text=_("The band that a report can't fall below once the rule fired. Only danger sets one."),
    )
    english = Sentence(
        label=_("Reason in English"), widget=forms.Textarea(attrs={"rows": 2, "lang": "en", "dir": "ltr"})
    )
    urdu = Sentence(
        label=_("Reason in Urdu"), widget=forms.Textarea(attrs={"rows": 2, "lang": "ur", "dir": "rtl"})
    )
    field_order = ("weight", "floor", "english", "urdu", "reason")

    def __init__(self, data: Any, *, rule: Rule, ruleset: RuleSet) -> None:
        first = {
            "weight": rule.weight,
            "floor": rule.floor.slug if rule.floor else "",
            "english": rule.reason.en,
            "urdu": rule.reason.ur,
        }
        super().__init__(data, initial=first)
        names = [(band.slug, said(spec.name)) for band, spec in ruleset.bands.items()]
        floor = self.fields["floor"]
        assert isinstance(floor, forms.ChoiceField)
        floor.choices = [("", _("none")), *names]

    def wish(self) -> Wish:
        """What was asked, of a form that is valid."""
        told = self.cleaned_data
        return Wish(
            weight=told["weight"],
            floor=BANDS_BY_SLUG.get(told["floor"]),
            reason=BothLanguages(told["english"], told["urdu"]),
        )
