"""A connection to a database is kept from request to request, and one that the server has ended is noticed."""

import fcntl
import os
import resource
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import ProgrammingError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from outrush_site.routers import ANSWERS

pytestmark = pytest.mark.django_db


#: A descriptor that select() refuses.
HIGH = 1500


@pytest.fixture
def many_files() -> Iterator[None]:
    """Leave to have descriptors of higher numbers than HIGH."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * HIGH if soft != resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


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


def test_its_descriptor_may_have_any_number(kept: BaseDatabaseWrapper, many_files: None) -> None:
    high = fcntl.fcntl(kept.connection.fileno(), fcntl.F_DUPFD_CLOEXEC, HIGH)
    connection, kept.connection = kept.connection, _Silent(kept.connection, high)
    try:
        assert kept.is_usable()
    finally:
        kept.connection = connection
        os.close(high)


def test_the_server_is_asked_after_an_error(kept: BaseDatabaseWrapper) -> None:
    connection, kept.connection = kept.connection, _Silent(kept.connection)
    kept.errors_occurred = True
    with pytest.raises(AttributeError):  # nobody may talk with it
        kept.is_usable()
    kept.connection = connection
    assert kept.is_usable()


def test_a_connection_in_a_broken_transaction_is_not_usable(kept: BaseDatabaseWrapper) -> None:
    with pytest.raises(ProgrammingError), kept.cursor() as cursor:
        cursor.execute("BEGIN; SELECT no_such_column")
    kept.errors_occurred = False
    assert not kept.is_usable()


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

    def __init__(self, connection: Any, descriptor: int | None = None) -> None:
        self.fileno = connection.fileno if descriptor is None else lambda: descriptor
        self.info = connection.info  # what the client knows by itself
