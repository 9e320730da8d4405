"""Screenshots of the demo world for the README: docs/images/desk-en.png and desk-ur.png.

python tools/take_screenshots.py [FOLDER]   with FOLDER, both pages in every look go there instead
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.browser import MISSING, DemoServer, launch, serve_demo  # noqa: E402

IMAGES = ROOT / "docs" / "images"
ANALYST = "analyst@demo.example"
SIZES = {"desktop": (1280, 800), "phone": (390, 844), "readme": (1280, 640)}


def shoot(
    browser: Browser, server: DemoServer, folder: Path, *, language: str, size: str, scheme: str
) -> list[Path]:
    """The sign-in page and the desk in one look; the two files."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(server.address)
    if page.get_attribute("html", "lang") != language:
        page.click(f'button[name="language"][value="{language}"]')
    files = [folder / f"{name}-{language}-{size}-{scheme}.png" for name in ("sign-in", "desk")]
    page.screenshot(path=files[0])
    page.fill('input[name="login"]', ANALYST)
    page.fill('input[name="password"]', server.passphrase(ANALYST))
    page.click('main form button[type="submit"].primary')
    page.wait_for_url("**/desk/")
    page.goto(f"{server.address}/desk/")  # once more, without the greeting
    page.screenshot(path=files[1])
    context.close()
    return files


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is None:
            sys.exit(MISSING)
        with serve_demo(Path(scratch)) as server:
            if sys.argv[1:]:
                folder = Path(sys.argv[1])
                folder.mkdir(parents=True, exist_ok=True)
                for language in ("en", "ur"):
                    for size in ("desktop", "phone"):
                        for scheme in ("light", "dark"):
                            shoot(browser, server, folder, language=language, size=size, scheme=scheme)
            else:
                IMAGES.mkdir(parents=True, exist_ok=True)
                for language in ("en", "ur"):
                    _, desk = shoot(
                        browser, server, Path(scratch), language=language, size="readme", scheme="light"
                    )
                    desk.replace(IMAGES / f"desk-{language}.png")
        browser.close()


if __name__ == "__main__":
    main()
