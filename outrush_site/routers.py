"""Which database holds which app: `answers` everything of surveys, `default` the rest. Nothing crosses."""

from typing import Any

from django.db.models import Model

ANSWERS = "answers"
DEFAULT = "default"


class TwoDatabases:
    def _alias(self, app_label: str) -> str:
        return ANSWERS if app_label == "surveys" else DEFAULT

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return self._alias(model._meta.app_label)

    db_for_write = db_for_read

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return self._alias(one._meta.app_label) == self._alias(other._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == self._alias(app_label)
