"""A panel with keys, a published questionnaire, and a mail server."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from surveys.models import QuestionnaireVersion
from tests.panel.questionnaires import instrument, publish
from tests.panel.sink import Sink, running

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings


@pytest.fixture
def panel(db: None, key_folder: Path) -> Path:
    """An empty panel with its keys."""
    return key_folder


@pytest.fixture
def w2023(panel: Path) -> QuestionnaireVersion:
    """The published version w2023@1, which asks for a country."""
    return publish("w2023", instrument())


@pytest.fixture
def sink(settings: "Settings") -> Iterator[Sink]:
    sink = Sink()
    with running(sink) as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield sink
