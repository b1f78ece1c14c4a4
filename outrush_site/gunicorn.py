"""How both web roles are served. Gunicorn reads this as `--config python:outrush_site.gunicorn`."""

import os
import socket
import struct
import sys
from typing import Any

from gunicorn import glogging

from outrush_site.logs import RedactingFormatter

worker_class = "gthread"
workers = int(os.environ.get("OUTRUSH_WEB_WORKERS", "1"))
threads = 2  # one waits for the database while the other works; more only take the interpreter from each other
max_requests = 10_000
max_requests_jitter = 1_000
timeout = 30
graceful_timeout = 10
worker_tmp_dir = os.environ.get("TMPDIR")
control_socket_disable = True
accesslog = None


#: Seconds that a thread waits for more of a request: for one of a phone that has vanished it would wait for ever.
READ_SECONDS = int(os.environ.get("OUTRUSH_READ_SECONDS", "30"))


def post_worker_init(worker: Any) -> None:
    """Linux hands a listening socket's time limit on to every connection that it accepts."""
    for listener in worker.sockets:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", READ_SECONDS, 0))


class Logger(glogging.Logger):
    """Gunicorn's own messages name the visitor's address and the request's path; ours may not."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(RedactingFormatter())

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """A line that was lost (READ_SECONDS) is no error of anyone's."""
        if not isinstance(sys.exception(), BlockingIOError):
            super().exception(msg, *args, **kwargs)


logger_class = Logger
