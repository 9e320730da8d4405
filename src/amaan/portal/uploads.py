"""No file comes in by this door. One that a browser sends all the same is dropped as it arrives."""

from __future__ import annotations

from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class DropFiles(FileUploadHandler):
    """Keeps no byte, neither in memory nor on the disk."""

    def new_file(self, *args: object, **kwargs: object) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None
