"""A connection to a database is kept from request to request, and one that the server has ended is noticed."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from outrush_site.routers import ANSWERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Iterator[BaseDatabaseWrapper]:
    """A connection as a web process keeps one, beside the test's own."""
    connection = connections.create_connection(ANSWERS)
    connection.inc_thread_sharing()
    connection.connect()
    yield connection
    connection.close()


def pid_of(connection: BaseDatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_connection_that_stands_is_used_without_asking_the_server(kept: BaseDatabaseWrapper) -> None:
    connection, kept.connection = kept.connection, _Silent(kept.connection)
    assert kept.is_usable()
    kept.connection = connection


def test_a_connection_that_the_server_has_ended_is_not_usable(kept: BaseDatabaseWrapper) -> None:
    with connections[ANSWERS].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid_of(kept)])
        assert cursor.fetchone() == (True,)
    assert not kept.is_usable()


def test_the_first_query_of_a_request_gets_a_new_connection_for_an_ended_one(kept: BaseDatabaseWrapper) -> None:
    before = pid_of(kept)
    with connections[ANSWERS].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    kept.health_check_enabled, kept.health_check_done = True, False  # as Django sets them when a request begins
    assert pid_of(kept) != before


class _Silent:
    """A connection with which nobody may talk."""

    closed = False

    def __init__(self, connection: object) -> None:
        self.fileno = connection.fileno  # type: ignore[attr-defined]
