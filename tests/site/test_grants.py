"""The rights of the tiers' PostgreSQL roles: the catalogue equals the declared matrix, and refusals are real."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connections

from outrush_site import grants

Connect = Callable[[grants.Tier, str], "psycopg.Connection[tuple[Any, ...]]"]
AsTier = Callable[[grants.Tier], AbstractContextManager[None]]

pytestmark = pytest.mark.django_db

# What a role holds, however it came by it: table rights, and those of single columns where the table's are missing.
CATALOGUE = """
SELECT t.tablename, p.privilege, NULL AS column
FROM pg_tables t,
     unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p(privilege)
WHERE t.schemaname = 'public' AND has_table_privilege(%(role)s, quote_ident(t.tablename), p.privilege)
UNION ALL
SELECT c.table_name, p.privilege, c.column_name
FROM information_schema.columns c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p(privilege)
WHERE c.table_schema = 'public'
  AND has_column_privilege(%(role)s, quote_ident(c.table_name), c.column_name, p.privilege)
  AND NOT has_table_privilege(%(role)s, quote_ident(c.table_name), p.privilege)
"""


def held(alias: str, role: str) -> set[tuple[str, str, str | None]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(CATALOGUE, {"role": role})
        return set(cursor.fetchall())


def declared(alias: str, tier: grants.Tier) -> set[tuple[str, str, str | None]]:
    return {
        (grants.table(grant.model), privilege, column)
        for grant in grants.MATRIX[alias]
        if grant.tier == tier
        for privilege in grant.privileges
        for column in grant.columns or (None,)
    }


@pytest.mark.parametrize("alias", ["answers", "default"])
@pytest.mark.parametrize("tier", grants.TIERS)
def test_a_role_holds_exactly_what_is_declared(alias: str, tier: grants.Tier, role_prefix: str) -> None:
    assert held(alias, grants.role(tier, role_prefix)) == declared(alias, tier)


@pytest.mark.parametrize("alias", ["answers", "default"])
def test_applying_takes_away_what_is_not_declared(alias: str, role_prefix: str) -> None:
    role = grants.role("public", role_prefix)
    table = {"answers": "surveys_record", "default": "panel_contact"}[alias]
    with connections[alias].cursor() as cursor:
        cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{role}"; GRANT SELECT, DELETE ON {table} TO "{role}"')
        cursor.execute(f"GRANT UPDATE (id) ON {'surveys_record' if alias == 'answers' else 'panel_member'} TO PUBLIC")
    assert held(alias, role) != declared(alias, "public")
    grants.apply(connections[alias], alias, role_prefix)
    assert held(alias, role) == declared(alias, "public")


@pytest.mark.parametrize("alias", ["answers", "default"])
def test_no_role_is_more_than_a_plain_account(alias: str, role_prefix: str) -> None:
    roles = [grants.role(tier, role_prefix) for tier in grants.TIERS]
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND NOT (rolsuper OR rolcreaterole OR rolcreatedb"
            " OR rolreplication OR rolbypassrls)",
            [roles],
        )
        assert {name for (name,) in cursor.fetchall()} == set(roles)
        cursor.execute(
            "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = ANY(%s)",
            [roles],
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT has_schema_privilege(r, 'public', 'CREATE') FROM unnest(%s::text[]) r", [roles])
        assert {may for (may,) in cursor.fetchall()} == {False}


def test_every_model_is_within_reach_of_somebody_or_left_out_on_purpose() -> None:
    named = {grant.model.partition("_")[0] for alias in grants.MATRIX for grant in grants.MATRIX[alias]}
    ours = {model._meta.label for model in apps.get_models() if model._meta.app_label in {"surveys", "panel"}}
    assert len(ours) > 10
    assert ours - named == set()


REFUSED = [
    ("public", "answers", "SELECT answers FROM surveys_record"),
    ("public", "answers", "SELECT * FROM surveys_record"),
    ("public", "answers", "SELECT id FROM surveys_record"),
    ("public", "answers", "UPDATE surveys_record SET answers = '{}'"),
    ("public", "answers", "UPDATE surveys_record SET is_erase_marked = true RETURNING answers"),
    ("public", "answers", "DELETE FROM surveys_record"),
    ("public", "answers", "SELECT body FROM surveys_sealedrequest"),
    ("public", "answers", "DELETE FROM surveys_sealedrequest"),
    ("public", "answers", "SELECT * FROM surveys_release"),
    ("public", "answers", "UPDATE surveys_respondent SET cohort = 'other'"),
    ("public", "answers", "UPDATE surveys_respondent SET respondent_key = gen_random_uuid()"),
    ("public", "answers", "DELETE FROM surveys_respondent"),
    ("public", "answers", "SELECT * FROM surveys_auditentry"),
    ("public", "answers", "UPDATE surveys_wave SET state = 'open'"),
    ("public", "answers", "UPDATE surveys_questionnaireversion SET content = '{}'"),
    ("public", "answers", "INSERT INTO surveys_mediafile (sha256, ending, data) VALUES ('', 'png', '')"),
    ("public", "answers", "UPDATE surveys_mediafile SET data = ''"),
    ("public", "answers", "DELETE FROM surveys_mediafile"),
    ("public", "answers", "DELETE FROM surveys_questionnaireversion_media"),
    ("public", "answers", "CREATE TABLE mine (a int)"),
    ("public", "answers", "COPY surveys_record TO STDOUT"),
    ("public", "answers", "COPY (SELECT 1) TO PROGRAM 'true'"),
    ("public", "answers", "SELECT pg_read_file('PG_VERSION')"),
    ("staff", "default", "SELECT sealed FROM panel_contact"),
    ("staff", "default", "SELECT blind_index FROM panel_contact"),
    ("staff", "default", "SELECT sealed FROM panel_bridge"),
    ("staff", "default", "SELECT confirm_hash FROM panel_confirmation"),
    ("staff", "default", "UPDATE panel_contactattempt SET state = 'planned'"),
    ("staff", "default", "UPDATE panel_member SET state = 'active'"),
    ("staff", "default", "DELETE FROM panel_auditentry"),
    ("staff", "default", "UPDATE panel_auditentry SET detail = '{}'"),
    ("staff", "answers", "UPDATE surveys_record SET answers = '{}'"),
    ("staff", "answers", "SELECT body FROM surveys_sealedrequest"),
    ("staff", "answers", "DELETE FROM surveys_auditentry"),
    ("worker", "default", "SELECT password FROM auth_user"),
    ("worker", "default", "SELECT session_data FROM django_session"),
    ("worker", "default", "DELETE FROM panel_auditentry"),
    ("staff", "answers", "UPDATE surveys_mediafile SET data = ''"),
    ("staff", "answers", "DELETE FROM surveys_mediafile"),
    ("worker", "answers", "UPDATE surveys_questionnaireversion SET content = '{}'"),
    ("worker", "answers", "INSERT INTO surveys_mediafile (sha256, ending, data) VALUES ('', 'png', '')"),
    ("worker", "answers", "TRUNCATE surveys_auditentry"),
]


@pytest.mark.parametrize(("tier", "alias", "command"), REFUSED)
def test_the_database_itself_refuses(connect_as: Connect, tier: grants.Tier, alias: str, command: str) -> None:
    connection = connect_as(tier, alias)
    assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(command)


@pytest.mark.parametrize("alias", ["answers", "default"])
def test_the_owner_can_read_what_is_refused_above(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        for _, of, command in REFUSED:
            if of == alias and command.startswith("SELECT") and "pg_read_file" not in command:
                cursor.execute(command)


def test_the_public_role_cannot_even_connect_to_the_panel(connect_as: Connect) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect_as("public", "default")


ALLOWED = [
    ("public", "answers", "UPDATE surveys_record SET is_erase_marked = true WHERE interview_id = gen_random_uuid()"),
    ("public", "answers", "SELECT answers, prior FROM surveys_interview"),
    ("public", "answers", "SELECT content FROM surveys_questionnaireversion"),
    ("public", "answers", "SELECT data FROM surveys_mediafile JOIN surveys_questionnaireversion_media ON true"),
    ("public", "answers", "SELECT code FROM surveys_recruitmentlink"),
    ("public", "answers", "UPDATE surveys_respondent SET return_hash = NULL WHERE respondent_key = gen_random_uuid()"),
    ("public", "answers", "INSERT INTO surveys_sealedrequest (id, body) VALUES (gen_random_uuid(), 'x')"),
    ("staff", "default", "SELECT state, count(*) FROM panel_member GROUP BY state"),
    ("staff", "answers", "SELECT answers FROM surveys_record"),
    ("worker", "default", "SELECT sealed, blind_index FROM panel_contact"),
    ("worker", "answers", "DELETE FROM surveys_sealedrequest"),
]


@pytest.mark.parametrize(("tier", "alias", "command"), ALLOWED)
def test_a_role_may_do_its_own_work(connect_as: Connect, tier: grants.Tier, alias: str, command: str) -> None:
    with connect_as(tier, alias).transaction(force_rollback=True) as transaction:
        transaction.connection.execute(command)


def test_a_test_can_take_on_the_rights_of_a_tier(as_tier: AsTier) -> None:
    with as_tier("public"), connections["answers"].cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('surveys_record', 'SELECT')")
        assert cursor.fetchone() == (False,)
    with connections["answers"].cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('surveys_record', 'SELECT')")
        assert cursor.fetchone() == (True,)
