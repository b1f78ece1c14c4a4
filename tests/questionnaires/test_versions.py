"""Versions in the database: frozen once published, compiled once per process."""

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from pytest_django import DjangoAssertNumQueries

from surveys.instrument.model import CONTRACT
from surveys.instrument.problems import InstrumentError
from surveys.models import AuditEntry, Questionnaire, QuestionnaireVersion
from surveys.selectors import programs
from surveys.selectors.programs import program_for
from surveys.selectors.versions import findings, instrument_of, outline, version_by_label, versions
from surveys.services.versions import import_version, publish_version
from tests import builders
from tests.questionnaires.workbooks import small

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("compiled_here")]

AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
TABLE = "surveys_questionnaireversion"


def imported(title: str = "A small study", *, publish: bool = False) -> QuestionnaireVersion:
    data = small(title)
    version = import_version(slug="small", data=data, filename="s.xlsx", by="anna", at=AT, publish=publish).version
    assert version is not None
    return version


def execute(sql: str) -> None:
    with transaction.atomic(using="answers"), connections["answers"].cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {TABLE} SET content = '{{}}'",
        f"UPDATE {TABLE} SET title = 'other'",
        f"UPDATE {TABLE} SET state = 'draft', published_at = NULL, published_by = ''",
        f"UPDATE {TABLE} SET number = number + 1",
        f"DELETE FROM {TABLE}",
    ],
)
def test_the_database_refuses_any_change_to_a_published_version(sql: str) -> None:
    version = imported(publish=True)
    before = QuestionnaireVersion.objects.filter(pk=version.pk).values().get()

    with pytest.raises(DatabaseError, match="can't be changed or deleted"):
        execute(sql)
    assert QuestionnaireVersion.objects.filter(pk=version.pk).values().get() == before


def test_the_database_refuses_to_truncate_versions() -> None:
    # The tests' own database has this one trigger off, since transactional tests empty their tables so.
    execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER version_is_not_truncated")
    imported(publish=True)
    execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError, match="can't be changed or deleted"):
        execute(f"TRUNCATE {TABLE} CASCADE")
    assert QuestionnaireVersion.objects.exists()


def test_a_draft_may_still_be_changed_and_deleted() -> None:
    version = imported()
    execute(f"UPDATE {TABLE} SET title = 'other'")
    assert versions().get(pk=version.pk).title == "other"

    execute(f"DELETE FROM {TABLE}")
    assert not QuestionnaireVersion.objects.exists()


def test_publishing_freezes_names_who_and_when_and_leaves_an_audit_row() -> None:
    version = publish_version(version=imported("A renamed study"), by="anna", at=AT)

    assert (version.state, version.published_by, version.published_at) == ("published", "anna", AT)
    assert Questionnaire.objects.get().title == "A renamed study"
    entry = AuditEntry.objects.get(action="publish_version")
    assert (entry.by, entry.subject, entry.detail) == ("anna", "small@1", {"checksum": version.checksum})


def test_publishing_twice_changes_nothing() -> None:
    version = imported(publish=True)
    again = publish_version(version=version, by="boris", at=AT)

    assert again.published_by == "anna"
    assert AuditEntry.objects.filter(action="publish_version").count() == 1


def test_nothing_is_stored_or_published_when_the_audit_row_cant_be_written() -> None:
    draft = imported()
    with patch.object(AuditEntry.objects, "create", side_effect=RuntimeError("no audit")):
        with pytest.raises(RuntimeError):
            publish_version(version=draft, by="anna", at=AT)
        with pytest.raises(RuntimeError):
            imported("Another")

    assert list(QuestionnaireVersion.objects.values_list("number", "state")) == [(1, "draft")]


def test_a_version_is_compiled_once_and_its_content_read_only_then(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    version = versions().get(pk=imported(publish=True).pk)
    programs._program.cache_clear()

    with django_assert_num_queries(1, using="answers"):
        first = program_for(version)
    with django_assert_num_queries(0, using="answers"):
        assert program_for(version) is first
    assert [item.key for item in first.instrument.items()] == ["moved", "moves"]


def test_a_label_finds_the_newest_published_version_or_the_one_it_names() -> None:
    first, second = imported("One", publish=True), imported("Two", publish=True)
    draft = imported("Three")

    assert version_by_label("small") == second
    assert version_by_label("small@1") == first
    assert version_by_label("small@3") == draft
    for unknown in ("small@4", "other", "small@", "small@x", "small@²"):
        assert version_by_label(unknown) is None


def test_the_outline_has_every_item_once_in_order() -> None:
    version = imported()
    contents = outline(versions().get(pk=version.pk))

    items = [item for page in contents.pages for item in page.items]
    assert [(item.name, item.kind, item.row, item.is_conditional) for item in items] == [
        ("moved", "select_one", 2, False),
        ("moves", "integer", 3, True),
    ]
    assert items[0].n_choices == 2
    assert not contents.calculated


def test_what_an_import_found_stays_with_the_version() -> None:
    data = builders.workbook("""
        | type | name | label |
        | deviceid | device | |
        | text | story | Tell us |
    """)
    result = import_version(slug="small", data=data, filename="s.xlsx", by="anna", at=AT)

    assert result.version is not None
    assert result.problems
    assert findings(versions().get(pk=result.version.pk)) == result.problems


def test_a_version_made_by_a_newer_engine_is_refused_with_what_to_do_and_an_older_one_runs() -> None:
    version = imported()
    for contract, is_run in ((CONTRACT - 1, True), (CONTRACT, True), (CONTRACT + 1, False)):
        instrument = replace(instrument_of(versions().get(pk=version.pk)), contract=contract)
        content, checksum = instrument.to_json(), instrument.checksum()
        if is_run:
            QuestionnaireVersion.objects.update(content=content, checksum=checksum)
            stored = versions().get(pk=version.pk)
            assert program_for(stored).instrument.contract == contract
            continue
        QuestionnaireVersion.objects.update(content={**content, "of_tomorrow": 1}, checksum=checksum)
        stored = versions().get(pk=version.pk)
        with pytest.raises(InstrumentError, match=f"newer engine: its contract has the number {contract}"):
            program_for(stored)
        with pytest.raises(CommandError, match=r"small@1: .*Update the site"):
            call_command("walk_questionnaire", "small@1", stdout=StringIO())
