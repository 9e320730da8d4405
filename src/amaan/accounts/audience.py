"""Who a view is for. Every view says so once, where it is written, and `amaan.web` holds everybody to it.

    @audience(may(Action.VIEW_QUEUE))
    def queue(request: HttpRequest) -> HttpResponse: ...

    @audience(SIGNED_IN)
    class Account(View): ...

A view without an audience is never served, and the server refuses to start with one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Final, TypeVar

from amaan.authority import matrix
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action

_MARK = "amaan_audience"

Marked = TypeVar("Marked", bound=Callable[..., Any])


class Door(StrEnum):
    """What a visitor must have before the matrix is even asked."""

    PUBLIC = "public"
    ENROLLING = "enrolling"  # signed in; a second factor may still be missing
    STAFF = "staff"  # signed in, with a second factor


@dataclass(frozen=True)
class Audience:
    """A door, and for staff pages perhaps an action of the matrix."""

    door: Door
    action: Action | None = None

    def admits(self, actor: Actor | None) -> bool:
        """Whether the view may be shown to `actor`; None is somebody who has not signed in."""
        if self.door is Door.PUBLIC:
            return True
        if actor is None:
            return False
        return self.action is None or matrix.may(actor, self.action)


PUBLIC: Final = Audience(Door.PUBLIC)
ENROLLING: Final = Audience(Door.ENROLLING)
SIGNED_IN: Final = Audience(Door.STAFF)


class TwoAudiences(Exception):
    """A view was given a second audience; only one of them could hold."""


def may(action: Action) -> Audience:
    """Staff who may do `action` in at least one unit; the view's service asks again, with the unit."""
    return Audience(Door.STAFF, action)


def audience(who: Audience) -> Callable[[Marked], Marked]:
    """Declare a view's audience, on a function or a class-based view; stands above other decorators."""

    def mark(view: Marked) -> Marked:
        if _MARK in vars(view):
            raise TwoAudiences(f"{view!r} already has an audience.")
        setattr(view, _MARK, who)
        return view

    return mark


def declared(view: Callable[..., Any], who: Audience) -> Callable[..., Any]:
    """A view of a library with an audience of ours; the library's own object stays as it is."""

    @wraps(view)
    def declared_view(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    return audience(who)(declared_view)


def audience_of(view: Callable[..., Any]) -> Audience | None:
    """What a view declared, or None. A subclass of a class-based view declares its own; it inherits none."""
    marked = getattr(view, "__dict__", {}).get(_MARK)
    if marked is None:
        marked = getattr(getattr(view, "view_class", None), "__dict__", {}).get(_MARK)
    return marked if isinstance(marked, Audience) else None
