"""What stands in the default database, in logs and on the terminal: nothing that says who anybody is."""

import io
import logging
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import connections

from outrush_site import clock
from panel import tasks
from panel.models import AuditEntry, ContactAttempt, Member
from panel.tasks import tick
from surveys.models import Wave
from surveys.services.requests import leave_request
from tests.byte_sweep import of_database, of_folder, sweep
from tests.panel.people import INVITED_AT, OPENED_AT, add, csv_of, key_of, open_w2023
from tests.panel.sink import Sink

if TYPE_CHECKING:
    from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("w2023")

# Rare enough to be nobody else's. Country and language are too short to search for in random bytes: see below.
SECRETS = ["canary-7f3a.example", "Antarctica/Troll", "canary-source", "canary-id-91c4"]
ROW = "person{}@canary-7f3a.example,ru,Antarctica/Troll,GEO,canary-source,canary-id-91c4"


def people(n: int) -> bytes:
    return csv_of([ROW.format(number) for number in range(n)])


@pytest.mark.django_db(transaction=True)
def test_no_byte_of_the_default_database_says_who_anybody_is(panel: Path, sink: Sink) -> None:
    add(people(20))
    open_w2023()
    call_command("send_due", stdout=io.StringIO())
    connection = connections["default"].connection
    assert connection is not None
    assert Member.objects.count() == 20
    assert sweep(chain(of_database(connection), of_folder(panel)), SECRETS) == []
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO panel_member (id, state, joined_wave) VALUES (gen_random_uuid(), 'active', %s)", SECRETS[:1]
        )
    assert {found.secret for found in sweep(of_database(connection), SECRETS)} == {SECRETS[0]}


def test_country_and_language_stand_in_no_column_of_the_default_database(panel: Path) -> None:
    add(people(5))
    open_w2023()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'panel_%%'")
        tables = [name for (name,) in cursor.fetchall()]
        cells: set[str] = set()
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")
            cells |= {str(cell) for row in cursor.fetchall() for cell in row}
    assert {"active", "w2023", "planned"} <= cells  # the search sees what is there
    assert not cells & {"GEO", "GE", "ru", "Antarctica/Troll", "canary-source"}


def test_no_respondent_key_stands_in_the_default_database(panel: Path) -> None:
    add(people(5))
    open_w2023()
    keys = [key_of(member) for member in Member.objects.all()]
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(m::text || b::text || c::text || a::text, '') FROM panel_member m "
            "JOIN panel_bridge b ON b.member_id = m.id JOIN panel_contact c ON c.member_id = m.id "
            "JOIN panel_contactattempt a ON a.member_id = m.id"
        )
        content = cursor.fetchone()[0]
    assert all(str(member.pk) in content for member in Member.objects.all())
    assert not any(str(key) in content or key.hex in content for key in keys)


def test_neither_log_nor_terminal_ever_names_anybody(
    sink: Sink,
    tmp_path: Path,
    move_clock: object,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("panel.tests").warning("planted: %s", SECRETS[0])
    print(SECRETS[1])  # noqa: T201
    assert SECRETS[0] in caplog.text  # the search finds a planted one
    assert SECRETS[1] in capsys.readouterr().out
    caplog.clear()

    move_clock.to(OPENED_AT)  # type: ignore[attr-defined]
    file = tmp_path / "people.csv"
    file.write_bytes(people(12) + people(3) + b"person@canary-7f3a.example,ru\n")
    call_command("import_panel", file)
    call_command("open_wave", "w2023", "--questionnaire=w2023", "--opens=2026-11-02", "--closes=2026-11-30")
    answers = iter(
        ["550 no person0@canary-7f3a.example", "450 later canary-7f3a.example", "421 busy canary-7f3a.example"]
    )
    sink.on_recipient = lambda _: next(answers, None)
    once = iter([True])
    sink.hang_up_after = lambda _: next(once, False)
    move_clock.to(INVITED_AT)  # type: ignore[attr-defined]
    for _ in range(4):
        call_command("send_due")
        tick()
    assert {"failed", "unknown", "sent"} <= set(ContactAttempt.objects.values_list("state", flat=True))
    leave_request(kind="erase", respondent_key=key_of(Member.objects.all()[0]))
    tick()
    call_command("close_wave", "w2023")
    captured = capsys.readouterr()
    everything = "\n".join([caplog.text, captured.out, captured.err])
    assert "SMTPRecipientsRefused 550" in everything
    assert not [secret for secret in SECRETS if secret in everything]
    assert "person" not in captured.out + captured.err


def test_a_tick_does_the_minutes_work_and_one_failing_part_stops_no_other(
    sink: Sink, move_clock: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    add(people(2))
    open_w2023()
    move_clock.to(INVITED_AT)  # type: ignore[attr-defined]

    def broken(**_: object) -> None:
        raise RuntimeError(SECRETS[0])

    with monkeypatch.context() as patch:
        patch.setattr(tasks.close_wave, "close_overdue", broken)
        tick()
    assert len(sink.mails) == 2
    assert "close overdue waves failed: RuntimeError" in caplog.text
    assert SECRETS[0] not in caplog.text
    Wave.objects.update(closes_on=INVITED_AT.date(), opens_on=INVITED_AT.date())
    move_clock.to(INVITED_AT.replace(day=4))  # type: ignore[attr-defined]
    tick()
    assert Wave.objects.get().state == "closed"
    assert set(ContactAttempt.objects.values_list("state", flat=True)) == {"over"}


def test_marked_records_are_purged_once_a_day_whenever_the_worker_is_up(
    sink: Sink, move_clock: "Clock", monkeypatch: pytest.MonkeyPatch
) -> None:
    purged_at = []
    monkeypatch.setattr(tasks, "purge_marked", lambda: purged_at.append(clock.now()) or 0)
    days = [(2, 2, 59), (2, 3, 0), (2, 3, 1), (2, 23, 0), (3, 2, 0), (3, 9, 0), (3, 9, 1), (5, 1, 0), (5, 3, 0)]
    for day, hour, minute in days:
        move_clock.to(datetime(2026, 11, day, hour, minute, tzinfo=UTC))
        tick()
    moments = [(at.day, at.hour, at.minute) for at in purged_at]
    assert moments == [(2, 2, 59), (2, 3, 0), (3, 9, 0), (5, 1, 0), (5, 3, 0)]
    entries = AuditEntry.objects.filter(action="purge_records")
    assert [entry.detail for entry in entries] == [{}] * 5
