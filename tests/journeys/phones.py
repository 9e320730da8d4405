"""A borrowed phone at the public's door: a real browser's window that notes what a page does, and finds its faults."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, Route

PHONE: Final = (360, 740)
SMALL: Final = (320, 568)
"""The narrowest window that WCAG 1.4.10 asks for, and an old phone's."""
LEFT: Final = "https://www.google.com/"
"""Where «Leave this page now» goes, unless an operator says otherwise."""
MISSES: Final = ("Failed to load resource", "net::ERR_")

_TARGETS: Final = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter(one => one.type !== 'hidden' && one.checkVisibility() && !one.closest('.skip, [hidden]'))
  .map(one => ({ one, room: (['checkbox', 'radio'].includes(one.type) ? one.closest('label') : one)
    .getBoundingClientRect() }))
  .filter(({ one, room }) => (room.height < 43.5 || room.width < 43.5) && !inSentence(one))
  .map(({ one, room }) => `${one.outerHTML.slice(0, 90)} ${Math.round(room.width)}x${Math.round(room.height)}`)"""
# WCAG 2.5.8 lets a link within a sentence be as high as its line.
_IN_SENTENCE: Final = """const inSentence = one => one.matches('p a, li a, dd a') &&
  [...one.closest('p, li, dd').childNodes].some(part => part.nodeType === 3 && part.textContent.trim().length > 1);"""
KINDS_OF_ELEMENTS: Final = """() => [...new Set([...document.querySelectorAll('body *')].map(one =>
  [one.parentElement.tagName, one.tagName, one.className, one.type,
   ...one.getAttributeNames().filter(name => name === 'role' || name.startsWith('aria-'))].join(' ')))]"""
"""An element in its parent, by its class, its type and what it says to a screen reader."""
_KEPT: Final = """async () => ({
  cookie: document.cookie, local: { ...localStorage }, session: { ...sessionStorage },
  databases: (await indexedDB.databases()).map(one => one.name),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length })"""
_NOTHING: Final = {"cookie": "", "local": {}, "session": {}, "databases": [], "caches": [], "workers": 0}


class Phone:
    """`script` is JavaScript; without it nothing is asked of the page but what a person sees."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        *,
        size: tuple[int, int] = PHONE,
        scheme: str = "light",
        script: bool = True,
    ) -> None:
        self.address, self.script = address, script
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=script,
            has_touch=True,
            is_mobile=True,
        )
        self.left_to: list[str] = []
        self.context.route("**/exit/**", self._leave)
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.bodies: list[bytes | None] = []
        self.complaints: list[str] = []
        self.page.on("request", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self._heard(said.type, said.text))

    def _leave(self, route: Route) -> None:
        """Chromium of the tests knows nobody's name, so that the page behind the way out is one of ours."""
        answer = route.fetch(max_redirects=0)
        self.left_to.append(answer.headers.get("location", f"nowhere: {answer.status}"))
        route.fulfill(body="<title>Elsewhere</title>", content_type="text/html")

    def has_left(self) -> bool:
        """Whether it is elsewhere now; waits for it."""
        self.page.wait_for_url("**/exit/**")
        return self.page.title() == "Elsewhere" and self.left_to[-1] == LEFT

    def _note(self, request: Request) -> None:
        self.asked.append(request.url)
        self.bodies.append(request.post_data_buffer)

    def _heard(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(miss in text for miss in MISSES):
            self.complaints.append(text)

    def go(self, path: str) -> int:
        answer = self.page.goto(self.address + path)
        assert answer is not None
        return answer.status

    def press(self, do: str) -> None:
        """A button of the form by its value."""
        with self.page.expect_navigation():
            self.page.locator(f'button[name="do"][value="{do}"]').first.click()

    def stands_on(self, selector: str) -> None:
        """Waits until what has the focus is this: a browser gives it to `autofocus` only with its next picture."""
        self.page.wait_for_function("to => document.activeElement?.matches(to)", arg=selector)

    def follow(self, selector: str) -> None:
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def words(self) -> str:
        return self.page.inner_text("main")

    @property
    def code(self) -> str:
        """The code that this page shows, in its groups."""
        return " ".join(self.page.locator(".digits span").all_inner_texts())

    def faults(self, *, seen: set[str] | None = None) -> list[str]:
        """What axe finds, what is too small to be touched, and whether the page is wider than its window.

        With `seen`, the kinds of elements that axe has seen already, it looks only where there is another.
        """
        page = self.page
        found = []
        kinds = set(page.evaluate(KINDS_OF_ELEMENTS)) if seen is not None else set()
        if seen is None or kinds - seen:
            found += [
                f"{fault['id']}: {fault['nodes'][0]['html'][:120]}"
                for fault in Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
            ]
        if seen is not None:
            seen |= kinds
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{wide} px wider than the window"] if wide > 0 else []
        found += page.evaluate(f"() => {{ {_IN_SENTENCE} return ({_TARGETS})() }}")
        return found

    def kept(self) -> dict[str, Any]:
        """What the page left in the browser; empty where it left nothing."""
        left = self.page.evaluate(_KEPT)
        cookies = self.context.cookies()
        return {name: value for name, value in left.items() if value != _NOTHING[name]} | (
            {"cookies": cookies} if cookies else {}
        )

    def strangers(self) -> set[str]:
        """Requests that went to anybody else."""
        return {url for url in self.asked if not url.startswith((self.address + "/", "data:", "blob:"))}

    def weigh(self, path: str) -> tuple[int, int]:
        """Bytes and requests of a page that is opened for the first time, headers included."""
        seen: list[Request] = []

        def note(request: Request) -> None:
            seen.append(request)

        self.page.on("requestfinished", note)
        self.go(path)
        self.page.wait_for_load_state("networkidle")
        self.page.remove_listener("requestfinished", note)
        sizes = [request.sizes() for request in seen]
        return sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes), len(sizes)

    def slow_down(self, *, down: int, up: int, latency: int) -> None:
        """As a line of so many bits a second, and milliseconds until an answer begins."""
        session = self.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": latency,
                "downloadThroughput": down / 8,
                "uploadThroughput": up / 8,
            },
        )

    def close(self) -> None:
        """It complained of nothing and spoke to nobody else."""
        assert self.complaints == []
        assert self.strangers() == set()
        self.context.close()


def wrong_ones(faults: dict[str, Iterable[str]]) -> dict[str, list[str]]:
    return {page: list(found) for page, found in faults.items() if found}
