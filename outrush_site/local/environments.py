"""The environment of each role's process: what that role needs, and nothing of the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from outrush_site.local.provision import Addresses
from outrush_site.local.secrets_file import SecretsFile
from outrush_site.local.surroundings import Surroundings

# Settings that concern every role, handed on as they are.
SHARED = (
    "OUTRUSH_STUDY_NAME",
    "OUTRUSH_STUDY_TIME_ZONE",
    "OUTRUSH_GRACE_MINUTES",
    "OUTRUSH_CONFIRM_DAYS",
    "OUTRUSH_CONFIRM_MAILS",
    "OUTRUSH_TRUSTED_PROXIES",
    "OUTRUSH_WEB_WORKERS",
    "OUTRUSH_READ_SECONDS",
    "OUTRUSH_CLOCK_FILE",
    "OUTRUSH_BEAT_SECONDS",
)
MAIL = ("EMAIL_URL", "OUTRUSH_FROM_EMAIL")
OURS = ("DATABASE_URL", "ANSWERS_DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE", "PYTHONPATH")


@dataclass(frozen=True)
class Environments:
    """Makes the environment of a role. `kind` is the value of OUTRUSH_ENV, `email_url` where mails are handed to."""

    surroundings: Surroundings
    addresses: Addresses
    secrets: SecretsFile
    prefix: str
    kind: str
    email_url: str
    given: Mapping[str, str]

    def public(self) -> dict[str, str]:
        return self._base("public") | {
            "ANSWERS_DATABASE_URL": self.addresses.answers["public"],
            "OUTRUSH_RETURN_KEY": self.secrets.made("return-key", n_bytes=48),
            "OUTRUSH_PUBLIC_KEY_DIR": str(self.surroundings.keys / "public"),
        }

    def staff(self) -> dict[str, str]:
        return self._both_databases("staff") | {"OUTRUSH_PUBLIC_KEY_DIR": str(self.surroundings.keys / "public")}

    def worker(self) -> dict[str, str]:
        return self._both_databases("worker") | self._keys_and_mail()

    def commands(self) -> dict[str, str]:
        """Role `all`, as the databases' owner: for manage.py."""
        return (
            self._both_databases("all")
            | self._keys_and_mail()
            | {
                "DATABASE_URL": self.addresses.default["owner"],
                "ANSWERS_DATABASE_URL": self.addresses.answers["owner"],
                "OUTRUSH_DATABASE_ROLE_PREFIX": self.prefix,
                "OUTRUSH_MAILBOX_URL": "" if self.given.get("EMAIL_URL") else self.surroundings.mailbox_url,
            }
        )

    def own_names(self, role: Mapping[str, str]) -> dict[str, str]:
        """Of a role's environment the variables that are this system's own (for var/env)."""
        return {name: value for name, value in role.items() if name.startswith("OUTRUSH_") or name in OURS}

    def _both_databases(self, role: str) -> dict[str, str]:
        tier = "worker" if role == "all" else role
        return self._base(role) | {
            "DATABASE_URL": self.addresses.default[tier],
            "ANSWERS_DATABASE_URL": self.addresses.answers[tier],
            "REDIS_URL": self.addresses.broker,
        }

    def _keys_and_mail(self) -> dict[str, str]:
        mail = {name: self.given[name] for name in MAIL if name in self.given}
        return {"EMAIL_URL": self.email_url, **mail, "OUTRUSH_KEY_DIR": str(self.surroundings.keys)}

    def _base(self, role: str) -> dict[str, str]:
        return (
            plain(self.given)
            | {name: self.given[name] for name in SHARED if name in self.given}
            | {
                "OUTRUSH_ENV": self.kind,
                "OUTRUSH_ROLE": role,
                "OUTRUSH_SECRET_KEY": self.secrets.made(f"secret-key-{role}", n_bytes=48),
                "OUTRUSH_PUBLIC_URL": self.surroundings.public_url,
                "OUTRUSH_STAFF_URL": self.surroundings.staff_url,
                "OUTRUSH_VAR": str(self.surroundings.var),
                # Uploads and the web servers' heartbeat files stay inside the checkout too.
                "TMPDIR": str(self.surroundings.var / "tmp"),
            }
        )


def plain(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without any setting of this system: what a process inherits from the terminal."""
    ours = {*OURS, *(f"{name}_FILE" for name in OURS)}
    prefixes = ("OUTRUSH_", "DJANGO_")
    return {name: value for name, value in environ.items() if not name.startswith(prefixes) and name not in ours}
