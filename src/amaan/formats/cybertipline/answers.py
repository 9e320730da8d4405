"""What the wire answers: the two answer documents and the documented codes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from lxml import etree


class Code(IntEnum):
    """The documented response codes. `words` is what stands in responseDescription where nothing more is said."""

    words: str

    def __new__(cls, number: int, words: str) -> Code:
        code = int.__new__(cls, number)
        code._value_ = number
        code.words = words
        return code

    SUCCESS = 0, "Success"
    SERVER_ERROR = 1000, "The server failed; send this again later"
    SAVE_FAILED = 1100, "The report could not be stored; send this again later"
    UPLOAD_FAILED = 1110, "The upload failed; send the file again"
    FILE_UPLOAD_FAILED = 1111, "The file could not be received whole; send it again"
    NOT_FOUND = 1210, "There is nothing here"
    UPDATE_FAILED = 1300, "The report could not be changed; send this again later"
    NOT_AUTHENTICATED = 2000, "The user name or the password is missing or wrong"
    NOT_AUTHORISED = 3000, "This user may not do this"
    MAY_NOT_SUBMIT = 3100, "This user may not hand in reports"
    MAY_NOT_UPDATE = 3300, "This user may not change this report"
    INVALID_REQUEST = 4000, "The request lacks something or holds something that does not belong there"
    NOT_VALID = 4100, "The document breaks a rule of the schema or of the documentation"
    MALFORMED_XML = 4110, "The document is not well-formed XML"
    MALFORMED_FILE = 4200, "The file is empty or was not sent as a file"
    NO_REPORT = 5001, "There is no such report"
    NO_FILE = 5002, "There is no such file in this report"
    RETRACTED = 5101, "The report was retracted"
    FINISHED = 5102, "The report is finished"


def report_response(
    code: Code,
    description: str | None = None,
    *,
    report_id: int | None = None,
    file_id: str | None = None,
    hash_value: str | None = None,
) -> bytes:
    """A `<reportResponse>`: the code, a description (the code's own words if none is given), and what is known.

    `file_id` is 32 hexadecimal digits, `hash_value` the MD5 of the received bytes in hexadecimal.
    """
    root = etree.Element("reportResponse")
    _add(root, "responseCode", str(int(code)))
    _add(root, "responseDescription", _writable(description or code.words))
    if report_id is not None:
        _add(root, "reportId", str(report_id))
    if file_id is not None:
        _add(root, "fileId", file_id)
    if hash_value is not None:
        _add(root, "hash", hash_value)
    return _written(root)


def report_done_response(code: Code, report_id: int, file_ids: Iterable[str] = ()) -> bytes:
    """A `<reportDoneResponse>`, which also carries the refusals of `/finish`; it has no place for a description."""
    root = etree.Element("reportDoneResponse")
    _add(root, "responseCode", str(int(code)))
    _add(root, "reportId", str(report_id))
    files = etree.SubElement(root, "files")
    for file_id in file_ids:
        _add(files, "fileId", file_id)
    return _written(root)


def _add(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = text


def _writable(text: str) -> str:
    """What XML 1.0 cannot hold becomes a question mark, so that an answer is always well-formed."""
    return "".join(
        one
        if one in "\t\n" or "\x20" <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one >= "\U00010000"
        else "?"
        for one in text
    )


def _written(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))
