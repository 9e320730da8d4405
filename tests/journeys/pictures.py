"""The picture of a ring, walked by the keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


def walk_the_picture(page: Page) -> None:
    """The first node is reached by the keyboard, says what it is, and opens beside the picture; a second one, too."""
    nodes = page.locator(".node:visible")
    expect(nodes).to_have_count(0)
    page.locator(".picture-frame").first.focus()
    for _node in range(2):
        page.keyboard.press("Tab")
        here = page.locator(".ring-picture a:focus")
        expect(here).to_have_attribute("aria-label", re.compile("."))
        opens = here.get_attribute("href") or ""
        page.keyboard.press("Enter")
        expect(page.locator(f".node{opens}")).to_be_visible()
        expect(nodes).to_have_count(1)
        page.locator(f".ring-picture a[href='{opens}']").focus()
