"""`{% load desk %}`: the header's places."""

from __future__ import annotations

from typing import Any

from django import template

from amaan.desk.navigation import Link, links_for

register = template.Library()


@register.simple_tag(takes_context=True)
def places(context: dict[str, Any]) -> list[Link]:
    """`{% places as links %}`: what the person who looks may enter."""
    request = context["request"]
    match = request.resolver_match
    return links_for(getattr(request, "actor", None), match.view_name if match else "")
