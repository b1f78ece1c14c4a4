"""PostgreSQL's own log: it may tell nothing of what respondents do, on servers that aren't ours to start either."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from outrush_site.quiet_log import QUIET_LOG

pytestmark = pytest.mark.django_db(databases=["answers", "default"])


def have(alias: str, **settings: str) -> None:
    """Set these until the test's transaction ends."""
    with connections[alias].cursor() as cursor:
        for name, value in {**QUIET_LOG, **settings}.items():
            cursor.execute(f"SET LOCAL {name} = '{value}'")


def prepared() -> str:
    """What `prepare_databases` warns of."""
    said = StringIO()
    call_command("prepare_databases", stdout=StringIO(), stderr=said)
    return said.getvalue()


def test_a_server_that_logs_statements_or_keys_is_named_with_the_way_to_stop_it(
    settings: Any, role_prefix: str
) -> None:
    settings.DATABASE_ROLE_PREFIX = role_prefix
    have("answers")
    have("default")
    assert prepared() == ""

    have("answers", log_min_error_statement="error", log_error_verbosity="default")
    said = prepared()
    assert said.startswith("The server of 'answers' ")
    assert "ALTER SYSTEM SET log_min_error_statement = 'panic';" in said
    assert "ALTER SYSTEM SET log_error_verbosity = 'terse';" in said
    assert "log_statement" not in said
    assert "'default'" not in said


def test_a_server_that_logs_slow_statements_is_named_too(settings: Any, role_prefix: str) -> None:
    settings.DATABASE_ROLE_PREFIX = role_prefix
    have("answers")
    have("default", log_min_duration_statement="250", log_transaction_sample_rate="0.1")
    said = prepared()
    assert said.startswith("The server of 'default' ")
    assert "ALTER SYSTEM SET log_min_duration_statement = '-1';" in said
    assert "ALTER SYSTEM SET log_transaction_sample_rate = '0';" in said
