"""The campaign's texts: plain, kind, the same in both languages, and unable to carry anything but text and links."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from amaan.portal.domain.texts import NAMES, NoTitle, is_name, may_link, read_text
from amaan.portal.pages.own_files import shipped_file

LANGUAGES = ("en", "ur")
WORDS = re.compile(r"[A-Za-z0-9’']+|[\u0600-\u06ff]+")
SENTENCE = re.compile(r"[.?!:۔؟]+(?:\s|$)|\n+")
LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
# Words that put weight on the child, and words that name somebody guilty before a court has.
UNKIND = {
    "en": re.compile(
        r"\b(sham\w*|honou?r\w*|blam\w*|guilt\w*|sin|sinful|reputation|disgrac\w*|ruin\w*|naughty|"
        r"stupid|careless|dirty|fault|should have|criminals?|suspects?|offenders?|victims?|porn\w*|filth\w*)\b",
        re.IGNORECASE,
    ),
    "ur": re.compile("عزت|غیرت|بدنام|شرم|رسوا|گناہ|مجرم|شکار|بے چار|فحش|پورن|گند|بے حیا|داغ"),
}


def source(language: str, name: str) -> str:
    text = shipped_file("texts", language, f"{name}.md")
    assert text is not None, f"{language}/{name}.md is missing"
    return text


def sentences(text: str) -> list[list[str]]:
    plain = re.sub(r"^[#\-] ?|\*\*", "", LINK.sub(r"\1", text), flags=re.MULTILINE)
    return [words for part in SENTENCE.split(plain) if (words := WORDS.findall(part))]


def shape(text: str) -> list[tuple[str, int]]:
    """What stands in each line: its kind, and how many links it has."""
    kinds = {"#": "head", "-": "item"}
    return [(kinds.get(line[0], "prose"), len(LINK.findall(line))) for line in text.splitlines() if line]


@pytest.mark.parametrize("name", NAMES)
def test_urdu_says_what_english_says_in_the_same_order(name: str) -> None:
    english, urdu = (source(language, name) for language in LANGUAGES)
    assert shape(english) == shape(urdu)
    assert [link for _, link in LINK.findall(english)] == [link for _, link in LINK.findall(urdu)]
    assert sorted(re.findall(r"\d+", urdu)) == sorted(re.findall(r"\d+", english))
    assert re.search("[\u0600-\u06ff]", urdu.splitlines()[0])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_blamed_and_nobody_called_guilty(language: str, name: str) -> None:
    assert UNKIND[language].findall(source(language, name)) == []


@pytest.mark.parametrize(("language", "unkind"), [("en", "She brought shame."), ("ur", "خاندان کی عزت")])
def test_the_search_for_unkind_words_can_fail(language: str, unkind: str) -> None:
    assert UNKIND[language].search(unkind)


@pytest.mark.parametrize("name", NAMES)
def test_english_is_readable_at_about_ten(name: str) -> None:
    """A Flesch-Kincaid grade below 5, and no sentence over 28 words."""
    said = sentences(source("en", name))
    words = [word for sentence in said for word in sentence]
    syllables = sum(_syllables(word) for word in words)
    grade = 0.39 * len(words) / len(said) + 11.8 * syllables / len(words) - 15.59
    assert grade < 5, round(grade, 1)
    assert max(len(sentence) for sentence in said) <= 28


def _syllables(word: str) -> int:
    """Groups of vowels, a silent e left out: near enough for a limit."""
    found = len(re.findall(r"[aeiouy]+", word.lower()))
    return max(1, found - (word.lower().endswith("e") and not word.lower().endswith("le")))


@pytest.mark.parametrize("name", NAMES)
def test_urdu_sentences_are_short(name: str) -> None:
    said = sentences(source("ur", name))
    assert sum(map(len, said)) / len(said) <= 14
    assert max(map(len, said)) <= 34


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_text_leads_to_help_or_to_telling(language: str, name: str) -> None:
    links = {link for _, link in LINK.findall(source(language, name))}
    assert {"../../help/", "../../report/"} <= links
    inside = {
        link.strip("./").split("/")[-1] for link in links if link.startswith("../") and link.count("..") == 1
    }
    assert inside <= set(NAMES)


def test_the_texts_that_explain_the_law_name_it() -> None:
    assert "Section 22" in source("en", "why-not-share")
    assert "دفعہ 22" in source("ur", "why-not-share")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


ALLOWED = {
    *("p", "a", "strong", "em", "ul", "ol", "li", "blockquote", "code", "pre", "hr", "br"),
    *("h1", "h2", "h3", "h4", "h5", "h6"),
}
HOSTILE = [
    *("<script>alert(1)</script>", "<img src=x onerror=x>", "![x](https://e.org/x.png)", "<!-- x -->"),
    *(
        "[x](javascript:alert(1))",
        "[x](data:text/html,x)",
        "<javascript:x>",
        "[x](//e.org)",
        "[a]: vbscript:x",
    ),
    *(
        "[x](http://e.org)",
        "[x](JaVaScRiPt&colon;x)",
        "![x][a]",
        "```x\ny\n```",
        '[x](https://e.org "on")',
        "[a]",
    ),
    *(
        "<a href='x'>",
        "&lt;b&gt;",
        "# x",
        "- x\n",
        "\n\n",
        "[x](https://e.org)",
        "<https://e.org>",
        "| a |",
    ),
]


@examples(max_examples=60)
@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12)), max_size=8))
def test_nothing_but_text_and_links_comes_out(parts: list[str]) -> None:
    _only_text_and_links(" ".join(parts))


@pytest.mark.parametrize("part", HOSTILE)
def test_nor_out_of_any_of_these_alone(part: str) -> None:
    _only_text_and_links(part)


def _only_text_and_links(text: str) -> None:
    tags = _Tags()
    tags.feed(read_text("# T\n\n" + text).body)
    for tag, attributes in tags.found:
        assert tag in ALLOWED
        assert set(attributes) <= {"href", "rel", "title", "start", "class"}
        if tag == "a":
            href = attributes["href"] or ""
            assert may_link(href)
            assert attributes.get("rel") == ("noreferrer" if href.startswith("https:") else None)


@pytest.mark.parametrize("text", ["", "no title", "## Second", "<h1>T</h1>", "text\n\n# Late"])
def test_a_text_without_a_title_is_refused(text: str) -> None:
    with pytest.raises(NoTitle):
        read_text(text)


def test_a_title_is_text_and_leaves_the_body() -> None:
    said = read_text("\ufeff# For <b>you</b>\n\nHello.\n")
    assert (said.title, said.body) == ("For <b>you</b>", "<p>Hello.</p>\n")


@pytest.mark.parametrize("name", ["..", "a/b", "A", "a.md", "", "é", "a\x00", "-a", "a" * 41])
def test_a_name_is_no_path(name: str) -> None:
    assert not is_name(name)
