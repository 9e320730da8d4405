"""Bodies whose length nobody says. Some clients stream an upload in chunks, and WSGI knows only announced lengths."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

UNKNOWN_LENGTH: Final = 2**62
"""Stands for «until the server says that it ends»; `referrals.uploads` knows it too."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_chunked_bodies(application: Application) -> Application:
    """Lets a chunked body be read to its end, where the server ends it itself (`wsgi.input_terminated`, gunicorn)."""

    def reading(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        chunked = "chunked" in str(environ.get("HTTP_TRANSFER_ENCODING", "")).lower()
        if chunked and environ.get("wsgi.input_terminated") and not environ.get("CONTENT_LENGTH"):
            environ["CONTENT_LENGTH"] = str(UNKNOWN_LENGTH)
        return application(environ, start_response)

    return reading
