"""Django's PostgreSQL backend, which asks the socket and not the server whether a kept connection still stands."""

import select

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Called once a request, before its first query.

        A server that ended a connection has written so, or closed it; either can be read. Where there is nothing to
        read, asking the server would cost as much as the query that follows. Where there is something, or something
        went wrong before, or a transaction was left open, it is asked.
        """
        if self.connection is None or self.connection.closed:
            return False
        is_idle = self.connection.info.transaction_status == TransactionStatus.IDLE
        return super().is_usable() if self.errors_occurred or not is_idle or self._has_news() else True

    def _has_news(self) -> bool:
        """Whether anything can be read. Unlike select(), poll() takes descriptors of any number."""
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return bool(poll.poll(0))
