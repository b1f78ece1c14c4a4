"""Django's PostgreSQL backend, which asks the socket and not the server whether a kept connection still stands."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Called once a request, before its first query.

        A server that ended a connection has written so, or closed it; either can be read. Where there is nothing to
        read, asking the server would cost as much as the query that follows. Where there is something, it is asked.
        """
        if self.connection is None or self.connection.closed:
            return False
        has_news, _, _ = select.select([self.connection.fileno()], [], [], 0)
        return super().is_usable() if has_news else True
