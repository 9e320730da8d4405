"""What every answer of the door has in common: its language, nothing kept anywhere, no form from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import translation

from amaan.portal.languages import LANGUAGES

GetResponse = Callable[[HttpRequest], HttpResponse]
_KEEPS_NOTHING: Final = {
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), display-capture=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noarchive",
}


class InLanguage:
    """The language of the address: /ur/… is Urdu, whatever the browser says."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        first = request.path_info.lstrip("/").partition("/")[0].lower()
        language = first if first in LANGUAGES else translation.get_language_from_request(request)
        with translation.override(language if language in LANGUAGES else "en"):
            return self.get_response(request)


class KeepNothing:
    """No cache, no device, no cookie: a page of the door leaves nothing behind on a borrowed phone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in _KEEPS_NOTHING.items():
            response.headers.setdefault(name, value)
        return response


class FromHere:
    """A form comes from one of our own pages. There is no session that another site could use; this keeps a stranger's
    page from sending a report in somebody's name all the same."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and not self._from_here(request):
            return HttpResponseForbidden("This form did not come from this site.", content_type="text/plain")
        return self.get_response(request)

    def _from_here(self, request: HttpRequest) -> bool:
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = request.headers.get("Origin")
        if origin in {None, "null"}:  # old browsers send none; "null" comes with no-referrer
            return True
        return origin in {f"{scheme}://{request.get_host()}" for scheme in ("http", "https")}
