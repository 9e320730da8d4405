"""The picture of a ring, walked by the keyboard."""

from __future__ import annotations

from playwright.sync_api import Page


def walk_the_picture(page: Page) -> None:
    """The first node is reached by the keyboard, says what it is, and opens beside the picture; a second one, too."""
    assert page.locator(".node:visible").count() == 0
    page.locator(".picture-frame").first.focus()
    for _node in range(2):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "[document.activeElement.getAttribute('aria-label'), document.activeElement.getAttribute('href')]"
        )
        assert here[0]
        page.keyboard.press("Enter")
        shown = page.locator(".node:visible")
        assert shown.count() == 1
        assert f"#{shown.first.get_attribute('id')}" == here[1]
        page.locator(f".ring-picture a[href='{here[1]}']").focus()
