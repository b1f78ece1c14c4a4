"""Makes the two databases and the PostgreSQL roles, on our own servers or on the ones the environment names.

The owner migrates and runs commands; the role of each tier has a password of its own and only the rights that
outrush_site/grants.py declares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from outrush_site.local.problems import LocalProblem
from outrush_site.local.secrets_file import SecretsFile
from outrush_site.local.servers import LocalServers

TIERS = ("public", "staff", "worker")
OWNER = "outrush_owner"


@dataclass(frozen=True)
class Addresses:
    """Addresses of the databases by tier (`owner` and the three), and of the broker."""

    default: Mapping[str, str]
    answers: Mapping[str, str]
    broker: str


def provide(environ: Mapping[str, str], servers: LocalServers, secrets: SecretsFile, prefix: str) -> Addresses:
    """Start what the environment doesn't name, make databases and roles, and say where everything is.

    `prefix` begins the roles' names. Raises LocalProblem in one line where a server can't be used.
    """
    given = {name: environ.get(name, "") for name in ("DATABASE_URL", "ANSWERS_DATABASE_URL", "REDIS_URL")}
    if not all(given.values()):
        servers.prepare()
    if not (given["DATABASE_URL"] and given["ANSWERS_DATABASE_URL"]):
        servers.start_postgres()
        _make_owner(servers, secrets)
    if not given["REDIS_URL"]:
        servers.start_valkey()
    owner_password = secrets.made("database-owner")
    default = given["DATABASE_URL"] or servers.database_url("panel", OWNER, owner_password)
    answers = given["ANSWERS_DATABASE_URL"] or servers.database_url("answers", OWNER, owner_password)
    return Addresses(
        default=_provide_database("DATABASE_URL", default, secrets, prefix),
        answers=_provide_database("ANSWERS_DATABASE_URL", answers, secrets, prefix),
        broker=given["REDIS_URL"] or servers.broker_url(),
    )


def _make_owner(servers: LocalServers, secrets: SecretsFile) -> None:
    with psycopg.connect(servers.database_url("postgres"), autocommit=True) as connection:
        make_role(connection, OWNER, secrets.made("database-owner"), "CREATEDB CREATEROLE")


def _provide_database(variable: str, url: str, secrets: SecretsFile, prefix: str) -> dict[str, str]:
    try:
        _make_database(url)
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            for tier in TIERS:
                _make_tier(connection, f"{prefix}_{tier}", secrets)
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise LocalProblem(f"The server of {variable} can't be used: {reason}") from error
    tiers = {tier: with_account(url, f"{prefix}_{tier}", secrets.made(f"role-{prefix}_{tier}")) for tier in TIERS}
    return {"owner": url, **tiers}


def _make_database(url: str) -> None:
    """Make the database that `url` names, if it isn't there."""
    try:
        psycopg.connect(url, connect_timeout=10).close()
        return
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error):
            raise
    parts = urlsplit(url)
    name = parts.path.strip("/")
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
        command = sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0")
        connection.execute(command.format(sql.Identifier(name)))


def _make_tier(connection: "psycopg.Connection[tuple[object, ...]]", role: str, secrets: SecretsFile) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if exists and f"role-{role}" not in secrets:
        raise LocalProblem(
            f"The PostgreSQL role {role} exists on that server, but not its password here. It may belong to another "
            "installation: set OUTRUSH_DATABASE_ROLE_PREFIX to another name, or drop the role."
        )
    if not exists:
        make_role(connection, role, secrets.made(f"role-{role}"))


def make_role(
    connection: "psycopg.Connection[tuple[object, ...]]", role: str, password: str, options: str = ""
) -> None:
    """Make a role that can sign in with `password`, or give the existing one that password."""
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    command = "ALTER ROLE {} LOGIN PASSWORD {} {}" if exists else "CREATE ROLE {} LOGIN PASSWORD {} {}"
    connection.execute(sql.SQL(command).format(sql.Identifier(role), sql.Literal(password), sql.SQL(options)))


def with_account(url: str, user: str, password: str) -> str:
    """The same database for another account."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user)}:{quote(password)}@{place}"))
