"""Passwords and secret keys of a local system: made when first asked for, kept in var/secrets.json (mode 0600)."""

import json
import secrets
from pathlib import Path

from outrush_site.local.problems import LocalProblem
from outrush_site.local.surroundings import write_private


class SecretsFile:
    """A small dictionary on disk. Everything in it can be made anew but for the databases' passwords."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._values: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        except ValueError as error:
            raise LocalProblem(
                f"{file} is damaged. Restore it, or remove the whole var folder to start anew."
            ) from error

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str) -> str:
        """The value kept under `name`, or "" where there is none."""
        return self._values.get(name, "")

    def made(self, name: str, *, n_bytes: int = 24) -> str:
        """The secret called `name`, made of `n_bytes` random bytes if there is none yet."""
        if name not in self._values:
            self.keep(name, secrets.token_urlsafe(n_bytes))
        return self._values[name]

    def keep(self, name: str, value: str) -> None:
        self._values[name] = value
        write_private(self._file, json.dumps(self._values, indent=2) + "\n")
