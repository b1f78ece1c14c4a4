"""How both web roles are served. Gunicorn reads this as `--config python:outrush_site.gunicorn`."""

import os
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


class Logger(glogging.Logger):
    """Gunicorn's own messages name the visitor's address and the request's path; ours may not."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(RedactingFormatter())


logger_class = Logger
