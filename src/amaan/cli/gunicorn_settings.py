"""How gunicorn serves the desk and the wire: a process a core, some threads each, no access log and errors only
(addresses of people are not kept, and a warning names whoever sent a request that can't be read). A thread takes as
long as its request does, so a long upload is cut by nothing but its sender; `timeout` watches the process, not its
requests."""

import atexit
import gc
import os
import signal
import threading
import time
from typing import Any

# Python uses one core a process; more than four would wait for the database, not for a core.
workers = max(1, min(4, os.cpu_count() or 1))
# The program is read once and then forked: a server answers a second or two sooner, and its processes share the memory.
preload_app = True
worker_class = "amaan.cli.web_worker.PromptWorker"
graceful_timeout = 5
timeout = 60
keepalive = 5
accesslog = None
errorlog = "-"
loglevel = "error"
limit_request_line = 4094
limit_request_fields = 60
control_socket_disable = True


def on_starting(server: Any) -> None:
    """End with `amaan serve`, also when that was killed and could not say so; and end soon (`amaan.cli.main`)."""
    atexit.register(gc.freeze)
    parent = os.getppid()

    def follow() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, daemon=True).start()
