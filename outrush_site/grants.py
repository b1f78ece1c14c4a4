"""Which PostgreSQL role may do what to which table: declared here as data, applied after each migration.

The owner migrates and runs commands; each tier connects with a role of its own (`outrush_public`, `outrush_staff`,
`outrush_worker`; the prefix is a setting). What isn't declared is refused by the database, whatever the code does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from django.apps import apps
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

Privilege = Literal["SELECT", "INSERT", "UPDATE", "DELETE"]
Tier = Literal["public", "staff", "worker"]
TIERS: tuple[Tier, ...] = ("public", "staff", "worker")
ALL: tuple[Privilege, ...] = ("SELECT", "INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Grant:
    """Rights of a tier on a model's table; `columns` narrows them, empty means the whole table."""

    tier: Tier
    model: str
    privileges: tuple[Privilege, ...]
    columns: tuple[str, ...] = ()


def _each(tier: Tier, models: str, *privileges: Privilege) -> tuple[Grant, ...]:
    return tuple(Grant(tier, model, privileges) for model in models.split())


#: What changes of an interview while it is answered.
INTERVIEW_MOVES = (
    *("state", "outcome_code", "language", "answers", "prior", "page", "page_saves", "progress", "revision"),
    *("started_on", "saved_on", "minutes_class", "wants_no_mail"),
)

ANSWERS: tuple[Grant, ...] = (
    # Public: interviews in progress, nothing completed.
    *_each("public", "surveys.Questionnaire surveys.QuestionnaireVersion", "SELECT"),
    *_each("public", "surveys.MediaFile surveys.QuestionnaireVersion_media", "SELECT"),
    *_each("public", "surveys.Wave surveys.RecruitmentLink", "SELECT"),
    # An open link makes a respondent and an interview; taking part sets the language.
    *_each("public", "surveys.Respondent", "SELECT", "INSERT"),
    # A return phrase is made, replaced, and goes with the answers.
    Grant("public", "surveys.Respondent", ("UPDATE",), ("return_hash",)),
    *_each("public", "surveys.Interview", "SELECT", "INSERT"),
    # Whose interview it is, in which wave, on which version and behind which link never changes.
    Grant("public", "surveys.Interview", ("UPDATE",), INTERVIEW_MOVES),
    # A record goes in and is never read. UPDATE ... WHERE interview_id = x needs to read that one column.
    *_each("public", "surveys.Record", "INSERT"),
    Grant("public", "surveys.Record", ("SELECT",), ("interview_id",)),
    Grant("public", "surveys.Record", ("UPDATE",), ("is_erase_marked",)),
    *_each("public", "surveys.SealedRequest", "INSERT"),
    # Staff: the questionnaires are theirs; of what was answered they build releases (queue `desk`).
    *_each("staff", "surveys.Questionnaire surveys.QuestionnaireVersion", *ALL),
    *_each("staff", "surveys.MediaFile", "SELECT", "INSERT"),
    *_each("staff", "surveys.QuestionnaireVersion_media", "SELECT", "INSERT", "DELETE"),
    *_each("staff", "surveys.Wave surveys.RecruitmentLink", "SELECT"),
    Grant("staff", "surveys.Wave", ("UPDATE",), ("closes_on", "study_name", "logo", "accent")),
    *_each("staff", "surveys.Respondent surveys.Record", "SELECT"),
    *_each("staff", "surveys.Interview", "SELECT"),
    *_each("staff", "surveys.Release", "SELECT", "INSERT"),
    *_each("staff", "surveys.AuditEntry", "SELECT", "INSERT"),
    # Worker: opens and closes waves, takes requests, erases.
    *_each("worker", "surveys.Questionnaire surveys.QuestionnaireVersion", "SELECT"),
    *_each("worker", "surveys.MediaFile surveys.QuestionnaireVersion_media", "SELECT"),
    *_each("worker", "surveys.Wave surveys.RecruitmentLink", "SELECT", "INSERT", "UPDATE"),
    *_each("worker", "surveys.Respondent surveys.Interview surveys.Record surveys.SealedRequest", *ALL),
    *_each("worker", "surveys.AuditEntry", "SELECT", "INSERT"),
)

DEFAULT: tuple[Grant, ...] = (
    # Staff: totals and states, never a sealed byte. Accounts and sessions are theirs.
    *_each("staff", "panel.Member panel.ContactAttempt", "SELECT"),
    *_each("staff", "panel.ContactPlan panel.ContactStep", "SELECT"),
    *_each("staff", "panel.Job", "SELECT", "INSERT", "UPDATE"),
    *_each("staff", "panel.AuditEntry", "SELECT", "INSERT"),
    *_each("staff", "auth.User auth.Group auth.User_groups auth.User_user_permissions auth.Group_permissions", *ALL),
    *_each("staff", "auth.Permission contenttypes.ContentType", "SELECT"),
    *_each("staff", "admin.LogEntry", "SELECT", "INSERT"),
    *_each("staff", "sessions.Session", *ALL),
    # Worker: the panel, and nothing of staff accounts.
    *_each("worker", "panel.Member panel.Contact panel.Bridge panel.ContactAttempt panel.Confirmation", *ALL),
    *_each("worker", "panel.ConfirmationCount", *ALL),
    *_each("worker", "panel.SuppressedAddress", "SELECT", "INSERT"),
    *_each("worker", "panel.ContactPlan panel.ContactStep panel.Job", "SELECT", "INSERT", "UPDATE"),
    *_each("worker", "panel.AuditEntry", "SELECT", "INSERT"),
)

MATRIX: Mapping[str, tuple[Grant, ...]] = {"answers": ANSWERS, "default": DEFAULT}


def role(tier: Tier, prefix: str) -> str:
    return f"{prefix}_{tier}"


def table(model: str) -> str:
    """The table of `app.Model`, of `app.Model_field` for a many-to-many one."""
    app_label, _, name = model.partition(".")
    name, _, many = name.partition("_")
    found = apps.get_model(app_label, name)
    return str(found._meta.get_field(many).m2m_db_table() if many else found._meta.db_table)


def missing_roles(connection: BaseDatabaseWrapper, prefix: str) -> list[str]:
    """The roles that this database's server doesn't know yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles")
        known = {name for (name,) in cursor.fetchall()}
    return [role(tier, prefix) for tier in TIERS if role(tier, prefix) not in known]


def apply(connection: BaseDatabaseWrapper, alias: str, prefix: str) -> None:
    """Take every right from the three roles and from PUBLIC, then give what the matrix declares, in one transaction."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in statements(alias, str(connection.settings_dict["NAME"]), prefix):
            cursor.execute(statement)


def statements(alias: str, database: str, prefix: str) -> Iterator[sql.Composed]:
    """The SQL of `apply`, in order."""
    names = {tier: sql.Identifier(role(tier, prefix)) for tier in TIERS}
    everyone = sql.SQL(", ").join([*names.values(), sql.SQL("PUBLIC")])
    for kind in ("ALL TABLES IN SCHEMA public", "ALL SEQUENCES IN SCHEMA public", "SCHEMA public"):
        yield sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.SQL(kind), everyone)
    yield sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(sql.Identifier(database), everyone)
    # REVOKE on a table leaves rights on its columns alone where they were given singly.
    for name in sorted({table(grant.model) for grant in MATRIX[alias] if grant.columns}):
        yield sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(name), everyone)
    for tier in sorted({grant.tier for grant in MATRIX[alias]}):
        yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), names[tier])
        yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(names[tier])
    for grant in MATRIX[alias]:
        yield _grant(grant, names[grant.tier])


def _grant(grant: Grant, to: sql.Identifier) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, grant.columns))
    narrowed = sql.SQL(" ({})").format(columns) if grant.columns else sql.SQL("")
    privileges = sql.SQL(", ").join(sql.SQL(privilege) + narrowed for privilege in grant.privileges)
    return sql.SQL("GRANT {} ON {} TO {}").format(privileges, sql.Identifier(table(grant.model)), to)
