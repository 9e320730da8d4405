"""Documents that must end in quarantine, each with what is wrong with it."""

from __future__ import annotations

from amaan.demo.generator.drafts import Account, Report
from amaan.demo.generator.write_xml import report_document

FOLDER = "broken"


def broken_documents() -> list[tuple[str, bytes, str]]:
    """(path below the documents' folder, bytes, what is wrong). Every world has the same ones."""
    whole = report_document(
        Report(
            reported=[Account(screen_name="broken_demo")], notes="A report that arrives damaged. یہ متن ہے۔"
        )
    )
    entity_trick = b'<?xml version="1.0"?><!DOCTYPE report [<!ENTITY x "y">]><report>&x;</report>'
    spoiled = [
        ("truncated", whole[: len(whole) // 2], "the document ends in the middle"),
        ("wrong-encoding", whole.replace("یہ".encode(), b"\xe9\xff\xfe"), "declared as UTF-8, and is not"),
        ("text", b"This is a note that somebody left in the folder.\n", "text instead of XML"),
        ("zero-bytes", whole.replace(b"damaged", b"dam\x00ged"), "holds a NUL byte"),
        ("doctype", entity_trick, "declares an entity"),
        ("empty", b"", "nothing in it"),
        ("other-root", b"<?xml version='1.0'?><invoice><sum>3</sum></invoice>", "another kind of document"),
    ]
    return [
        (
            f"{FOLDER}/{name}/{3_900_000_000 + number}/{'note.txt' if name == 'text' else 'report.xml'}",
            document,
            wrong,
        )
        for number, (name, document, wrong) in enumerate(spoiled)
    ]
