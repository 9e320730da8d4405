"""The seven endpoints."""

from __future__ import annotations

from urllib.parse import parse_qs

from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from amaan.accounts.audience import PUBLIC, audience
from amaan.formats.cybertipline.answers import Code
from amaan.formats.cybertipline.checking import schema_bytes
from amaan.referrals import services
from amaan.referrals.domain.packages import MOST_DOCUMENT_BYTES
from amaan.referrals.domain.wire import Sender, WireRefused, number_in
from amaan.referrals.uploads import receives_files, uploaded
from amaan.referrals.wire.access import UNREADABLE, address_of, credential
from amaan.referrals.wire.answering import XML, answer, done_answer

_MOST_FORM_BYTES = 64 * 1024


@audience(PUBLIC)
@csrf_exempt
@credential("GET")
def status(request: HttpRequest, sender: Sender) -> HttpResponse:
    """That the credential is good, and what we see of who asks."""
    return answer(Code.SUCCESS, f"Remote User : {sender.user}, Remote Ip : {address_of(request)}")


@audience(PUBLIC)
@csrf_exempt
@credential("GET")
def xsd(request: HttpRequest, sender: Sender) -> HttpResponse:
    """The schema, byte for byte what documents are validated with."""
    return HttpResponse(schema_bytes(), content_type=XML)


@audience(PUBLIC)
@csrf_exempt
@credential("POST")
def submit(request: HttpRequest, sender: Sender) -> HttpResponse:
    """One `<report>`; whatever the header calls it."""
    number = services.open_report(sender.actor, sender=sender, document=_document(request))
    return answer(Code.SUCCESS, number=number)


@audience(PUBLIC)
@csrf_exempt
@credential("POST")
@receives_files
def upload(request: HttpRequest, sender: Sender) -> HttpResponse:
    """Multipart: `id` and `file`, in any order. The bytes are hashed, or sealed, while they arrive."""
    _refuse_unknown_letters(request)
    try:
        file, text = uploaded(request, "file"), request.POST.get("id", "")
    except UNREADABLE as fault:
        raise WireRefused(Code.FILE_UPLOAD_FAILED) from fault
    if not text:
        raise WireRefused(Code.INVALID_REQUEST, "The field id is missing.")
    number = number_in(text)
    if len(request.FILES.getlist("file")) > 1:
        raise WireRefused(
            Code.INVALID_REQUEST, "One upload brings one file."
        )  # not one kept and the other lost
    if file is None:
        as_text = "file" in request.POST
        raise WireRefused(Code.MALFORMED_FILE if as_text else Code.INVALID_REQUEST, "The file is missing.")
    file_id, received = services.add_file(sender.actor, sender=sender, number=number, file=file)
    return answer(Code.SUCCESS, number=number, file_id=file_id, hash_value=received.md5)


@audience(PUBLIC)
@csrf_exempt
@credential("POST")
def fileinfo(request: HttpRequest, sender: Sender) -> HttpResponse:
    """One `<fileDetails>`."""
    number = services.describe_file(sender.actor, sender=sender, document=_document(request))
    return answer(Code.SUCCESS, number=number)


@audience(PUBLIC)
@csrf_exempt
@credential("POST")
def finish(request: HttpRequest, sender: Sender) -> HttpResponse:
    """The field `id`. Final: from here on it is ours to answer."""
    number = 0
    try:
        number = number_in(_field(request, "id"))
        done = services.finish_report(sender.actor, sender=sender, number=number)
    except WireRefused as refusal:
        return done_answer(refusal.code, refusal.number or number, refusal.file_ids)
    return done_answer(Code.SUCCESS, done.number, done.file_ids)


@audience(PUBLIC)
@csrf_exempt
@credential("POST")
def retract(request: HttpRequest, sender: Sender) -> HttpResponse:
    """The field `id`, before `finish` only."""
    number = number_in(_field(request, "id"))
    services.retract_report(sender.actor, sender=sender, number=number)
    return answer(Code.SUCCESS, number=number)


@audience(PUBLIC)
@csrf_exempt
@credential(None)
def elsewhere(request: HttpRequest, sender: Sender, rest: str = "") -> HttpResponse:
    """Any other path of the wire."""
    return answer(Code.NOT_FOUND)


def _document(request: HttpRequest) -> bytes:
    """The body as it came. Not `request.body`, whose limit is that of forms and whose error is a page."""
    raw = _body(request, MOST_DOCUMENT_BYTES)
    if len(raw) > MOST_DOCUMENT_BYTES:
        raise WireRefused(
            Code.INVALID_REQUEST,
            f"A document has at most {MOST_DOCUMENT_BYTES // 2**20} MB; this one is longer.",
        )
    if not raw.strip():
        raise WireRefused(Code.INVALID_REQUEST, "The body is empty.")
    return raw


def _field(request: HttpRequest, name: str) -> str:
    """A field of a form, urlencoded or multipart, whatever the header calls it. Raises WireRefused 4000."""
    try:
        if request.content_type == "multipart/form-data":
            _refuse_unknown_letters(request)
            found = request.POST.get(name, "")
        else:
            form = parse_qs(_body(request, _MOST_FORM_BYTES).decode("utf-8", "replace"), max_num_fields=100)
            found = form.get(name, [""])[-1]
    except (*UNREADABLE, ValueError) as fault:
        raise WireRefused(Code.INVALID_REQUEST, "The form can't be read.") from fault
    if not str(found).strip():
        raise WireRefused(Code.INVALID_REQUEST, f"The field {name} is missing.")
    return str(found)


def _refuse_unknown_letters(request: HttpRequest) -> None:
    """Python knows charsets that are none of text (rot13, zlib), and Django would fail on them. Raises WireRefused."""
    try:
        bytes(range(256)).decode(request.encoding or "utf-8", "replace")
    except (LookupError, ValueError) as fault:
        raise WireRefused(Code.INVALID_REQUEST, "The form's charset is none of text.") from fault


def _body(request: HttpRequest, most: int) -> bytes:
    """At most one byte more than `most`. Raises WireRefused where the connection breaks."""
    parts, left = [], most + 1
    try:
        while left and (part := request.read(min(left, 1 << 18))):
            parts.append(part)
            left -= len(part)
    except UnreadablePostError as fault:
        raise WireRefused(Code.INVALID_REQUEST, "The body ended too early.") from fault
    return b"".join(parts)
