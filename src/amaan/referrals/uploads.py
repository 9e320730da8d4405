"""Uploaded files: hashed or sealed while they arrive, never held, never written to a disk in clear.

    @csrf_exempt
    @receives_files
    def upload(request: HttpRequest) -> HttpResponse:
        platform = ...                     # authenticate before request.POST or request.FILES is touched
        file = uploaded(request, "file")   # parses the body; None where there is no such part
        ...                                # look whether the report takes a file
        received = file.received           # only now it is kept: hashes, size, exhibit_id or None

Django's own two upload handlers are replaced for every view (settings, `DropFiles`): a file that is sent to a view
which isn't marked is dropped as it arrives, and the form sees none. On a marked view each file part goes into a sink
of `evidence.services.media_sink`. What the view doesn't take with `.received` before it returns is given up, and so is
everything of a body that ends too early or isn't well formed: nothing of it stays.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, NoReturn, Protocol

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from amaan.evidence.domain import MediaSink, ReceivedFile
from amaan.evidence.services import media_sink

__all__ = [
    "ContentNotHeld",
    "DropFiles",
    "IntoSinks",
    "ReceivedFile",
    "Upload",
    "UploadCut",
    "UploadReadTooEarly",
    "receives_files",
    "uploaded",
]


UNKNOWN_LENGTH: Final = 2**62
"""The length that `amaan.web.chunked` announces for a body that comes in chunks."""
_LONGEST_END: Final = 256  # a boundary has at most 200 characters


class ContentNotHeld(Exception):
    """Somebody asked for an uploaded file's content, which is nowhere in this process."""

    def __init__(self) -> None:
        super().__init__(
            "An uploaded file's content is not held: it was hashed, or sealed to the examiner's key, while it "
            "arrived. What is known of it is `.received`."
        )


class UploadCut(MultiPartParserError):
    """The body ended before its announced length, or inside a file. Nothing of it was kept.

    Django answers a MultiPartParserError with 400; a view may catch it and answer in its own form.
    """

    def __init__(self) -> None:
        super().__init__("The upload ended too early, so nothing of it was kept. Send it again.")


class UploadReadTooEarly(Exception):
    """A marked view's form was read before the view began (by the CSRF check, say), so its files were dropped."""

    def __init__(self) -> None:
        super().__init__("The form was read before the view. A view marked receives_files is csrf_exempt.")


class Upload:
    """An uploaded file as a view sees it, in `request.FILES`: its name and what is known of it, no content."""

    def __init__(self, sink: MediaSink, *, field_name: str, name: str, content_type: str, size: int) -> None:
        self.field_name = field_name
        self.name = name
        self.content_type = content_type
        self.size = size
        self._sink = sink
        self._received: ReceivedFile | None = None

    @property
    def received(self) -> ReceivedFile:
        """Keep the file: under the policy `sealed` it is a durable exhibit from here on. The first call does it,
        later ones repeat the answer. Raises MediaAborted after the request, or after `close`."""
        if self._received is None:
            self._received = self._sink.finish()
        return self._received

    def close(self) -> None:
        """Give up what was not kept. Django calls it when the response is closed."""
        if self._received is None:
            self._sink.abort()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise ContentNotHeld

    read = readline = readlines = seek = tell = open = chunks = multiple_chunks = _refuse
    __iter__ = __enter__ = _refuse

    def __repr__(self) -> str:
        return f"Upload({self.field_name!r}, {self.size} bytes)"  # names may say what must not be in a log


class DropFiles(FileUploadHandler):
    """For every view that isn't marked: bytes of file parts are read past, and no form sees a file."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Nothing: `new_file` skipped the part."""

    def file_complete(self, file_size: int) -> None:
        """No file."""


class IntoSinks(FileUploadHandler):
    """One request's file parts, each into a sink of its own."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._uploads: list[Upload] = []
        self._arriving: MediaSink | None = None
        self._parsing = False
        self._interrupted = False

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803 - Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> Any:
        """The whole parsing, so that no way out of it leaves a sink behind: Django tells its handlers of a body that
        ends inside a file, but not of a broken connection, nor of one that ends inside another field."""
        if self._parsing:
            return None
        self._parsing = True
        body: Any = _Counted(input_data)
        try:
            form = MultiPartParser(META, body, [self], encoding).parse()
            if self._interrupted or not body.whole(content_length, boundary):
                raise UploadCut
        except BaseException:
            self.release()
            raise
        return form

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._arriving = media_sink()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self._arriving is not None
        self._arriving.write(raw_data)

    def file_complete(self, file_size: int) -> Any:
        sink, self._arriving = self._arriving, None
        if sink is None:
            return None
        upload = Upload(
            sink,
            field_name=str(self.field_name),
            name=str(self.file_name),
            content_type=str(self.content_type),
            size=file_size,
        )
        self._uploads.append(upload)
        return upload

    def upload_interrupted(self) -> None:
        self._interrupted = True
        self.release()

    def release(self) -> None:
        """Give up everything that was not kept."""
        sink, self._arriving = self._arriving, None
        if sink is not None:
            sink.abort()
        for upload in self._uploads:
            upload.close()


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Counted:
    """The body, how much of it came, and how it ended."""

    def __init__(self, body: _Readable) -> None:
        self._body = body
        self._count = 0
        self._end = b""

    def read(self, size: int) -> bytes:
        data = self._body.read(size)
        self._count += len(data)
        self._end = (self._end + data[-_LONGEST_END:])[-_LONGEST_END:]
        return data

    def whole(self, length: int, boundary: bytes) -> bool:
        """A chunked body announces no length: there the closing boundary says that it is all."""
        if length < UNKNOWN_LENGTH:
            return self._count >= length
        return self._end.rstrip().endswith(b"--" + boundary + b"--")


def receives_files(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Marks a view that takes files. It must be csrf_exempt. Raises UploadReadTooEarly when it is not."""

    @wraps(view)
    def receiving(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if hasattr(request, "_files"):
            raise UploadReadTooEarly
        sinks = IntoSinks(request)
        request.upload_handlers = [sinks]
        try:
            return view(request, *args, **kwargs)
        finally:
            sinks.release()

    return receiving


def uploaded(request: HttpRequest, field: str) -> Upload | None:
    """The last file part of that name, or None. Raises UploadCut and MultiPartParserError for a body that is cut or
    isn't multipart as it should be, OSError for a connection that broke."""
    found: Any = request.FILES.get(field)
    return found if isinstance(found, Upload) else None
