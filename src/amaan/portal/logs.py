"""What the door's process may write down: that something failed, and where in the code. Never what was asked."""

from __future__ import annotations

import logging


class KindAndPlace(logging.Formatter):
    """`ERROR amaan.portal.pages.report:send ValueError`; a request's path, words and address are left out."""

    def format(self, record: logging.LogRecord) -> str:
        kind, place = "", f"{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[1] is not None:
            fault = record.exc_info[1]
            frame = fault.__traceback__
            while frame and frame.tb_next:
                frame = frame.tb_next
            kind = type(fault).__name__
            if frame:
                place = f"{frame.tb_frame.f_code.co_qualname}:{frame.tb_lineno}"
        return f"door: {record.levelname} {record.name} {place} {kind}".rstrip()
