"""Migrates both databases and gives each tier's PostgreSQL role exactly the rights that grants.py declares."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections

from outrush_site import grants
from outrush_site.quiet_log import wrong_settings


class Command(BaseCommand):
    help = "Migrate both databases and apply the rights of the PostgreSQL roles. Run as the databases' owner."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.HAS_PANEL:
            raise CommandError("This needs both databases; the public role has only one.")
        try:
            for alias in ("answers", "default"):
                if missing := grants.missing_roles(connections[alias], settings.DATABASE_ROLE_PREFIX):
                    raise CommandError(_how_to_make(missing, alias))
                call_command("migrate", database=alias, interactive=False, verbosity=0)
                grants.apply(connections[alias], alias, settings.DATABASE_ROLE_PREFIX)
                self.stdout.write(f"Database {alias}: migrated, rights applied.")
                if wrong := wrong_settings(_log_settings(alias)):
                    self.stderr.write(_how_to_quieten(wrong, alias))
        except Error as error:
            raise CommandError(str(error).strip().splitlines()[0]) from error


def _how_to_make(roles: list[str], alias: str) -> str:
    commands = " ".join(f"CREATE ROLE {role} LOGIN PASSWORD '…';" for role in roles)
    return f"The server of '{alias}' lacks PostgreSQL roles. As its administrator run: {commands}"


def _log_settings(alias: str) -> dict[str, str]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name LIKE 'log%'")
        return dict(cursor.fetchall())


def _how_to_quieten(wrong: dict[str, str], alias: str) -> str:
    commands = " ".join(f"ALTER SYSTEM SET {name} = '{value}';" for name, value in wrong.items())
    return (
        f"The server of '{alias}' writes into its log what respondents do, and when. As its administrator run: "
        f"{commands} SELECT pg_reload_conf();"
    )
