"""Reports from a phone: each of the four ways in, in English and Urdu, with JavaScript and without."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Request, sync_playwright
from tests.browser import MISSING, PATIENCE, DemoServer, launch
from tests.journeys.answering import ANSWERS, answer
from tests.journeys.phones import PHONE, SMALL, Phone, wrong_ones
from tests.reporter import NUMBER

from amaan.portal.domain.questions import FIELDS, ORDER, QUESTIONS, FieldKind, Way, questions_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_BYTES = 25_000
DOWN, UP, LATENCY = 250_000, 50_000, 300
"""2G as Chromium's own tools had it: bits a second, milliseconds."""
MOST_SECONDS = 3.0
LONGEST = max(Way, key=lambda way: len(ORDER[way]))


def _speaks(phone: Phone, language: str) -> None:
    html = phone.page.locator("html")
    direction = "rtl" if language == "ur" else "ltr"
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == (language, direction), phone.path


def _walk(phone: Phone, way: Way, look: Callable[[str], None]) -> None:
    """From the first question to the check, everything answered; each question of this way is met once."""
    met = []
    while not phone.page.locator('button[value="send"]').count():
        answer(phone)
        phone.press("next")
        met.append(phone.path.rstrip("/").rpartition("/")[2])
        look(phone.path)
        assert len(met) <= len(QUESTIONS), met
    assert met == [question.key for question in questions_of(way, ANSWERS)]


def _stored(server: DemoServer, numbers: list[str]) -> dict[str, int]:
    """How many reports the desk has under each of these numbers, once it has them all."""
    marks = ", ".join("?" * len(numbers))
    found: dict[str, int] = {}
    until = time.monotonic() + PATIENCE
    while len(found) < len(numbers) and time.monotonic() < until:
        time.sleep(0.1)
        asked = f"SELECT number, count(*) FROM reports_report WHERE number IN ({marks}) GROUP BY 1"
        found = dict(server.rows(asked, *numbers))
    return found


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("language", ["en", "ur"])
def test_each_way_in_leads_to_a_code_and_one_report(
    chromium: Browser, demo_server: DemoServer, language: str, script: bool
) -> None:
    """Three questions answered, the danger and the rest left out; then back with the code."""
    phone = Phone(chromium, demo_server.address, script=script)
    numbers, codes = [], set()
    for way in Way:
        assert phone.go(f"/{language}/") == 200
        phone.follow(f'.ways a[href$="/report/{way}/"]')
        said: set[str] = set()
        pages = 0
        while pages < 4 or not phone.page.locator('button[value="check"]').count():
            _speaks(phone, language)
            said |= answer(phone, leaving_out=frozenset({"danger"}))
            phone.press("next")
            pages += 1
            assert pages < 8, phone.path
        phone.press("check")
        _speaks(phone, language)
        texts = [one for key in said for one in _texts(key)]
        assert texts
        assert [text for text in texts if text not in " ".join(phone.words.split())] == []
        phone.press("send")
        _speaks(phone, language)
        code, number = phone.code, NUMBER.search(phone.page.content())
        assert len(code.replace("-", "")) == 16
        assert number
        assert not any(text in phone.page.content() for text in texts)
        phone.go(f"/{language}/return/")
        phone.page.fill("#code", code)
        phone.press("open")
        _speaks(phone, language)
        assert phone.page.locator('button[value="withdraw"]').count() == 1, "the code opens nothing"
        assert not any(text in phone.page.content() for text in texts)
        codes.add(code)
        numbers.append(number.group())
    assert len(codes) == len(Way)
    assert _stored(demo_server, numbers) == dict.fromkeys(numbers, 1)
    assert phone.context.cookies() == []
    phone.close()


def _texts(key: str) -> list[str]:
    """What was typed for this field, as a page shows it; nothing where it was chosen."""
    field, said = FIELDS[key], ANSWERS[key]
    if field.options or field.kind not in {FieldKind.LINE, FieldKind.TEXT, FieldKind.LINES}:
        return []
    return [" ".join(one.split()) for one in ([said] if isinstance(said, str) else said)]


@pytest.mark.parametrize(
    ("way", "language", "scheme", "size"),
    [(Way.ME, "en", "light", PHONE), (Way.CHILD, "ur", "dark", SMALL)],
    ids=["me-en-light", "child-ur-dark-320"],
)
def test_a_whole_report_and_every_page_of_it_is_for_everybody(
    chromium: Browser, demo_server: DemoServer, way: Way, language: str, scheme: str, size: tuple[int, int]
) -> None:
    """In English axe looks at every page; in Urdu, at night, wherever an element is of a kind that it has not seen."""
    phone = Phone(chromium, demo_server.address, size=size, scheme=scheme)
    faults: dict[str, list[str]] = {}
    kept: dict[str, object] = {}
    seen: set[str] = set()

    def look(path: str) -> None:
        faults[path] = phone.faults(seen=None if language == "en" else seen)
        heavy = len(phone.page.content().encode())
        assert heavy < MOST_BYTES, f"{path}: {heavy} bytes"
        kept[path] = phone.kept()
        _speaks(phone, language)

    assert phone.go(f"/{language}/") == 200
    look("home")
    phone.follow(f'.ways a[href$="/report/{way}/"]')
    look("first")
    _walk(phone, way, look)
    assert "nobody.accounts.4417" in phone.words
    phone.press("send")
    look("sent")
    assert len(phone.code.replace("-", "")) == 16
    lines = phone.page.locator(".digits span").evaluate("code => code.getClientRects().length")
    assert lines == 1, "in rows, nobody who reads Urdu knows which group comes first"
    assert wrong_ones(faults) == {}
    assert {path: left for path, left in kept.items() if left} == {}
    assert phone.page.title().split(" · ")[-1] in {"Amaan", "امان"}
    phone.close()


def test_without_javascript_back_change_skip_and_another_language_lose_nothing(
    chromium: Browser, demo_server: DemoServer
) -> None:
    way, language, other = Way.SAW, "ur", "en"
    phone = Phone(chromium, demo_server.address, script=False)
    page = phone.page
    phone.go(f"/{language}/report/")
    phone.follow(f'.ways a[href$="/report/{way}/"]')
    page.check('input[name="danger"][value="none"]')
    phone.press("next")
    while not page.locator('[name="accounts"]').count():
        phone.press("skip")
    page.fill('[name="accounts"]', "nobody.4417")
    phone.follow(f'nav.languages button[lang="{other}"]')
    assert page.locator("html").get_attribute("lang") == other
    assert page.input_value('[name="accounts"]') == "nobody.4417"
    phone.press("next")
    phone.press("back")
    assert page.input_value('[name="accounts"]') == "nobody.4417"
    phone.press("check")
    assert "nobody.4417" in phone.words
    phone.press("change:accounts")
    page.fill('[name="accounts"]', "nobody.9931")
    phone.press("next")
    assert "nobody.9931" in phone.words
    assert "nobody.4417" not in phone.words
    phone.press("send")
    code = phone.code
    page.reload()  # as somebody does whose line broke: the same form again
    assert phone.code == code != ""
    assert "nobody." not in phone.words
    assert phone.context.cookies() == []
    phone.close()


def test_what_is_wrong_is_said_above_and_the_keyboard_is_there(
    chromium: Browser, demo_server: DemoServer
) -> None:
    phone = Phone(chromium, demo_server.address)
    page = phone.page
    phone.go("/en/report/me/when/")
    for part in ("when_date-day", "when_date-month", "when_date-year"):
        page.locator(f'[name="{part}"]').fill("99")
    phone.press("next")
    phone.stands_on(".error-summary")
    assert page.title().startswith("Please check")
    page.locator(".error-summary a").click()
    phone.stands_on("[aria-invalid=true], .field.wrong *")
    assert phone.faults() == []
    phone.press("check") if page.locator('button[value="check"]').count() else phone.go(
        "/en/report/me/check/"
    )
    assert not page.locator('button[value="send"]').count(), "a report without anything in it can be sent"
    assert phone.faults() == []
    phone.close()


def test_a_report_with_the_keyboard_alone(chromium: Browser, demo_server: DemoServer) -> None:
    """Every stop is in sight and shows that it is one; they follow the order of the page."""
    phone = Phone(chromium, demo_server.address)
    page, press = phone.page, phone.page.keyboard.press
    phone.go("/en/report/saw/links/")
    press("Tab")
    phone.stands_on(".skip")
    press("Enter")
    phone.stands_on("#content")
    press("Tab")
    phone.stands_on("[name=links]")
    page.keyboard.type("https://chat.example/nobody")
    stops = _tabbed(phone, 'button[name="do"][value="next"]')
    with page.expect_navigation():
        press("Enter")
    stops += _tabbed(phone, 'button[name="do"][value="check"]')
    with page.expect_navigation():
        press("Space")
    stops += _tabbed(phone, 'button[name="do"][value="send"]')
    with page.expect_navigation():
        press("Enter")
    assert phone.code
    assert [stop for stop in stops if not (stop["seen"] and stop["shown"])] == []
    assert stops
    assert all(stop["later"] for stop in stops)
    phone.close()


def _tabbed(phone: Phone, to: str) -> list[dict[str, object]]:
    """Press Tab until `to` has the focus; every stop on the way."""
    stops: list[dict[str, object]] = []
    for _ in range(40):
        if phone.page.evaluate("to => document.activeElement.matches(to)", to):
            return stops
        phone.page.evaluate("globalThis.before = document.activeElement")
        phone.page.keyboard.press("Tab")
        stops.append(
            phone.page.evaluate(
                """() => { const now = document.activeElement, room = now.getBoundingClientRect();
                const looks = getComputedStyle(now);
                return { place: now.outerHTML.slice(0, 80),
                  seen: room.top >= -1 && room.bottom <= innerHeight + 1 && room.width > 0,
                  shown: looks.outlineStyle !== 'none' && parseFloat(looks.outlineWidth) >= 2,
                  later: before === document.body ||
                    Boolean(before.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING) } }"""
            )
        )
    raise AssertionError(f"the keyboard never came to {to}: {[stop['place'] for stop in stops]}")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_whoever_leaves_is_elsewhere_at_once(
    chromium: Browser, demo_server: DemoServer, script: bool
) -> None:
    phone = Phone(chromium, demo_server.address, script=script)
    for path in (
        "/en/",
        "/ur/report/me/what_happened/",
        "/en/return/",
        "/ur/hash/",
        "/en/help/",
        "/en/receipt/",
    ):
        assert phone.go(path) == 200
        phone.page.locator("a.leave").click()
        assert phone.has_left()
    phone.close()


def test_three_times_shift_leaves_and_there_is_no_way_back(
    chromium: Browser, demo_server: DemoServer
) -> None:
    phone = Phone(chromium, demo_server.address)
    page = phone.page
    page.goto("about:blank")
    phone.go("/en/report/me/what_happened/")
    page.fill('[name="what_happened"]', "Nobody said this")
    page.focus('[name="what_happened"]')
    for key in ("Shift+A", "Shift+B", "Shift+C", "Shift", "Shift", "Tab"):
        page.keyboard.press(key)
    assert phone.path == "/en/report/me/what_happened/", "writing a capital letter is not leaving"
    for _ in range(3):
        page.keyboard.press("Shift")
    assert phone.has_left()
    page.go_back()
    assert page.url == "about:blank"
    phone.close()


def test_the_first_page_is_light(chromium: Browser, demo_server: DemoServer) -> None:
    phone = Phone(chromium, demo_server.address)
    weight, requests = phone.weigh("/ur/")
    assert 1_000 < weight < 50_000
    assert requests <= 3
    phone.close()


@dataclass(frozen=True)
class Sent:
    """A report as it was sent. `seconds`: what each page took on the line, both ways, by what it weighed: a clock would
    tell of whoever else works on this machine."""

    words: str
    code: str
    number: str
    seconds: dict[str, float]


def _over_2g(address: str) -> Sent:
    """Every question of the longest way is met and answered, in Urdu, without JavaScript, on a line that is slow."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        assert browser is not None, MISSING
        phone = Phone(browser, address, script=False)
        phone.slow_down(down=DOWN, up=UP, latency=LATENCY)
        seconds: dict[str, float] = {}
        finished: list[tuple[str, Request]] = []
        phone.page.on("requestfinished", lambda request: finished.append((phone.path, request)))
        phone.go("/ur/")
        phone.follow(f'.ways a[href$="/report/{LONGEST}/"]')
        _walk(phone, LONGEST, lambda _: _speaks(phone, "ur"))
        words = phone.words
        phone.press("send")
        number = NUMBER.search(phone.page.content())
        # Only now: to ask for a size takes its time, and the page goes on meanwhile.
        for path, request in finished:
            weighed = request.sizes()
            went = weighed["requestBodySize"] + weighed["requestHeadersSize"]
            came = weighed["responseBodySize"] + weighed["responseHeadersSize"]
            took = LATENCY / 1000 + 8 * went / UP + 8 * came / DOWN
            seconds[path] = seconds.get(path, 0) + took
        sent = Sent(words, phone.code, number.group() if number else "", seconds)
        phone.close()
        browser.close()
        return sent


@pytest.fixture(scope="module", autouse=True)
def over_2g(request: pytest.FixtureRequest, demo_server: DemoServer) -> Iterator[Future[Sent] | None]:
    """The line takes a minute of which nearly all is waiting: others walk through the door meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        wanted = any("over_2g" in item.nodeid for item in request.session.items)
        yield pool.submit(_over_2g, demo_server.address) if wanted else None


def test_a_whole_long_report_goes_over_2g_without_javascript(
    demo_server: DemoServer, over_2g: Future[Sent]
) -> None:
    sent = over_2g.result(timeout=400)
    assert "nobody.accounts.4417" in sent.words
    assert len(sent.code.replace("-", "")) == 16
    assert len(sent.seconds) > len(ORDER[LONGEST])
    assert {path: took for path, took in sent.seconds.items() if took > MOST_SECONDS} == {}
    assert _stored(demo_server, [sent.number]) == {sent.number: 1}
