"""Proofs of submission: handed out as a file, checked, and the key that they are checked with."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.datastructures import MultiValueDictKeyError
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amaan.portal.domain.receipts import FILE_NAME, OtherKey, Proof, ProofRejected, as_pasted
from amaan.portal.services.proving import check_proof, published_key


@dataclass(frozen=True)
class Checked:
    """What a page says of a pasted text: a `proof` that holds, or not; `other_key` where another door may know it."""

    proof: Proof | None
    other_key: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest, language: str) -> HttpResponse:
    """Paste a receipt, and see whether this door wrote it."""
    checked = _checked(request.POST.get("proof", "")) if request.method == "POST" else None
    wrong = checked is not None and checked.proof is None
    status = HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK
    key = dict(line.split(": ", 1) for line in published_key().splitlines())
    return render(request, "portal/receipt/check.html", {"checked": checked, "key": key}, status=status)


@require_POST
def receipt_file(request: HttpRequest, language: str) -> HttpResponse:
    """The receipt of the confirmation page as a file. It travels in the form; only what this door signed comes back, so
    that nobody can make the door hand out a text of theirs."""
    try:
        text = as_pasted(request.POST["proof"])
        check_proof(text)
    except (MultiValueDictKeyError, ProofRejected):
        return receipt(request, language)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    return response


@require_GET
def receipt_key(request: HttpRequest) -> HttpResponse:
    return HttpResponse(published_key(), content_type="text/plain; charset=utf-8")


def _checked(text: str) -> Checked:
    try:
        return Checked(check_proof(text))
    except OtherKey:
        return Checked(None, other_key=True)
    except ProofRejected:
        return Checked(None)
