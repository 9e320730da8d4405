"""Fields that several of the desk's forms ask with."""

from __future__ import annotations

from typing import Any

from django import forms


class Words(forms.CharField):
    """Text of several lines. A line's end counts as one character, as the browser's own counting does."""

    def __init__(self, *, most: int, rows: int = 3, **how: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
        super().__init__(max_length=most, widget=widget, **how)

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return found.replace("\r\n", "\n") if isinstance(found, str) else found
