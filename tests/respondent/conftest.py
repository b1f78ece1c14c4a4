"""A wave in the field on a real questionnaire, and someone with a browser's manners to answer it."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from outrush_site import clock
from panel.vault.keys import KeyFolder
from panel.vault.seals import Request, unseal_request
from surveys.instrument.authoring import compile_workbook
from surveys.instrument.model import Instrument
from surveys.links import hash_link
from surveys.models import (
    Interview,
    Questionnaire,
    QuestionnaireVersion,
    RecruitmentLink,
    Respondent,
    SealedRequest,
    Wave,
)
from surveys.models.questionnaire import VersionState
from surveys.respondent import limits
from surveys.respondent.limits import Limiter
from tests.respondent.browsing import Visitor

LINK = "abcdefghijklmnopqrstuvwx23"
CODE = "mnopqrstuvwxyz234567abcdef"


@lru_cache
def example(name: str) -> Instrument:
    """The instrument of one of the example workbooks."""
    data = (Path(settings.BASE_DIR) / "surveys" / "example" / f"{name}.xlsx").read_bytes()
    instrument = compile_workbook(data, f"{name}.xlsx").instrument
    assert instrument is not None
    return instrument


def publish(instrument: Instrument, slug: str) -> QuestionnaireVersion:
    questionnaire, _ = Questionnaire.objects.get_or_create(slug=slug, defaults={"title": instrument.title})
    return QuestionnaireVersion.objects.create(
        questionnaire=questionnaire,
        number=questionnaire.versions.count() + 1,
        state=VersionState.PUBLISHED,
        title=instrument.title,
        workbook=b"",
        workbook_sha256="0" * 64,
        content=instrument.to_json(),
        checksum=instrument.checksum(),
        n_items=sum(1 for _ in instrument.items()),
        imported_at=clock.now(),
        published_at=clock.now(),
        published_by="tests",
    )


def open_wave(instrument: Instrument, slug: str, number: int) -> Wave:
    today = clock.today()
    return Wave.objects.create(
        slug=slug,
        number=number,
        version=publish(instrument, slug),
        opens_on=today - timedelta(days=1),
        closes_on=today + timedelta(days=30),
    )


def invite(wave: Wave, link: str = LINK, **values: Any) -> Interview:
    respondent = Respondent.objects.create(cohort=wave.slug, source="panel", language="ru")
    return Interview.objects.create(
        wave=wave, respondent=respondent, version=wave.version, link_hash=hash_link(link), seed=7, **values
    )


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests all come from one address."""
    monkeypatch.setattr(limits, "limiter", Limiter())


@pytest.fixture
def w2024(db: None) -> Wave:
    return open_wave(example("w2024"), "w2024", 2)


@pytest.fixture
def w2023(db: None) -> Wave:
    return open_wave(example("w2023"), "w2023", 1)


@pytest.fixture
def interview(w2024: Wave) -> Interview:
    """Someone invited to w2024 by LINK, who hasn't begun."""
    return invite(w2024)


@pytest.fixture
def open_link(w2024: Wave) -> RecruitmentLink:
    return RecruitmentLink.objects.create(wave=w2024, source="telegram", code=CODE)


@pytest.fixture
def visitor(db: None) -> Callable[..., Visitor]:
    """`visitor()` is a browser of its own."""
    return lambda language="en": Visitor(Client(enforce_csrf_checks=True), language)


@pytest.fixture
def respondent(interview: Interview, visitor: Callable[..., Visitor]) -> Visitor:
    """The invited one, on the first page of the questionnaire, in English."""
    someone = visitor()
    someone.take_part(LINK)
    return someone


def reloaded(interview_id: UUID) -> Interview:
    return Interview.objects.get(pk=interview_id)


def yesterday() -> date:
    return clock.today() - timedelta(days=1)


def rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of both databases, to compare."""
    from django.apps import apps  # noqa: PLC0415

    models = [model for model in apps.get_models() if model._meta.managed]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models}


@pytest.fixture
def requests_left(key_folder: Path) -> Callable[[], list[Request]]:
    """What the worker would read in the inbox."""
    vault = KeyFolder(key_folder / "vault", key_folder / "public").open()
    return lambda: [unseal_request(vault.request, bytes(row.body)) for row in SealedRequest.objects.all()]
