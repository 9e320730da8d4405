"""How gunicorn serves the public's door. No access log, and errors only: at the level of a warning gunicorn writes the
address of whoever sent a request that it can't read.

What somebody typed is overwritten soon after its answer left: ERASING makes the C library overwrite what Python gives
back, and a form that came is followed by a round of Python's collector, so that nothing typed waits in a cycle of
objects. tests/journeys/test_door_alone.py looks for it in the memory of every process.
"""

import gc
import threading
import time
from collections.abc import Callable
from typing import Any
from wsgiref.util import setup_testing_defaults

from amaan.cli.gunicorn_settings import (  # noqa: F401 - gunicorn reads them here
    accesslog,
    control_socket_disable,
    errorlog,
    graceful_timeout,
    keepalive,
    limit_request_fields,
    limit_request_line,
    loglevel,
    on_starting,
    preload_app,
    timeout,
    worker_class,
)
from amaan.cli.gunicorn_settings import workers as of_the_desk

ERASING = {
    # Python's own arenas would keep what was freed until its place is needed again.
    "PYTHONMALLOC": "malloc",
    # glibc: fill what is freed; without a cache a thread, which would be passed over. Other C libraries don't know it.
    "GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0",
}
"""Environment of the door's processes; read by the C library before Python starts."""
_READ_FIRST = tuple(
    f"/{language}/{page}"
    for language in ("en", "ur", "ps", "sd")
    for page in ("", "report/", "report/me/", "report/me/where/", "report/me/check/", "return/")
)
_SECONDS_OPEN = 0.3
"""How long a form may be in memory after its answer; a round of the collector takes some milliseconds."""

workers = min(2, of_the_desk)
threads = 32
umask = 0o077

_came = threading.Event()


def post_worker_init(worker: Any) -> None:
    """In each process that answers: wait for forms to forget, and look through the program itself no more.

    Django reads addresses, templates and catalogues when they are first asked for. What was read before
    `freeze` makes no round of the collector longer: a millisecond instead of a tenth of a second, for everybody.
    """
    for path in _READ_FIRST:
        _ask(worker.wsgi, path)
    gc.collect()
    gc.freeze()
    threading.Thread(target=_forget, daemon=True).start()


def _ask(application: Callable[..., Any], path: str) -> None:
    environ: dict[str, Any] = {"HTTP_HOST": "127.0.0.1", "PATH_INFO": path}
    setup_testing_defaults(environ)
    answer = application(environ, lambda *_: None)
    for _part in answer:
        continue
    if hasattr(answer, "close"):
        answer.close()


def post_request(_worker: Any, request: Any, _environ: Any, _response: Any) -> None:
    if request.method == "POST":
        _came.set()


def _forget() -> None:
    while True:
        _came.wait()
        _came.clear()
        time.sleep(_SECONDS_OPEN)
        gc.collect()
