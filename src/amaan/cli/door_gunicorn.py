"""How gunicorn serves the public's door. No access log, and errors only: at the level of a warning gunicorn writes the
address of whoever sent a request that it can't read."""

from amaan.cli.gunicorn_settings import on_starting  # noqa: F401 - gunicorn reads it here
from amaan.cli.gunicorn_settings import workers as of_the_desk

workers = min(2, of_the_desk)
worker_class = "gthread"
threads = 16
graceful_timeout = 5
timeout = 60
keepalive = 5
accesslog = None
errorlog = "-"
loglevel = "error"
limit_request_line = 4094
limit_request_fields = 60
control_socket_disable = True
umask = 0o077
