"""Importing and publishing a questionnaire: a workbook becomes a draft version, a draft becomes a frozen one."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import DataError, transaction

from outrush_site.routers import ANSWERS
from surveys.instrument.authoring.confined import compile_confined
from surveys.instrument.authoring.options import PLAIN, Options
from surveys.instrument.model import Instrument
from surveys.instrument.problems import Problem, Severity
from surveys.models import AuditEntry, MediaFile, Questionnaire, QuestionnaireVersion
from surveys.models.questionnaire import VersionState
from surveys.selectors.versions import findings, versions

#: A questionnaire of a thousand questions in five languages has about 0.5 MB; pictures are attached beside it.
#: The reader of workbooks takes no more.
MAX_WORKBOOK_BYTES = 5 * 1024 * 1024
#: Of all files beside the workbook together: lists of choices, pictures and sounds.
MAX_ATTACHMENTS_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a workbook: the version that holds it (None: nothing was stored) and what was found in it."""

    version: QuestionnaireVersion | None
    problems: tuple[Problem, ...]
    is_new: bool = False  # False: the newest version already held the very same content of the same workbook

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def import_version(
    *, slug: str, data: bytes, filename: str, by: str, at: datetime, publish: bool = False, options: Options = PLAIN
) -> ImportResult:
    """Compile a workbook and keep it as the questionnaire's next draft; with `publish`, publish it at once.

    The same bytes as the newest version's add nothing, unless the files beside them, the options or a newer engine make
    another content. With any error nothing is stored. `filename` only tells the reader which kind of workbook this is.
    Never raises for what is in the workbook.
    """
    if problem := _refusal(slug, data) or too_much_attached(options.attachments):
        return ImportResult(None, (problem,))
    digest = hashlib.sha256(data).hexdigest()
    newest = versions().filter(questionnaire__slug=slug).order_by("-number").first()
    is_same_file = newest is not None and newest.workbook_sha256 == digest
    # Of the same bytes too: this engine may make something else of them than the one before. Outside the transaction,
    # because it takes seconds, in a process of its own.
    compiled = compile_confined(data, filename, options)
    if compiled.instrument is None or any(problem.severity is Severity.ERROR for problem in compiled.problems):
        return ImportResult(None, compiled.problems)
    if newest is not None and is_same_file and newest.checksum == compiled.instrument.checksum():
        return _already_there(newest, publish=publish, by=by, at=at)
    try:
        with transaction.atomic(using=ANSWERS):
            version = _store_draft(slug, data, digest, compiled.instrument, compiled.problems, by, at)
            _store_media(version, compiled.instrument, compiled.files)
            if publish:
                version = publish_version(version=version, by=by, at=at)
    except DataError:
        return ImportResult(None, (*compiled.problems, _UNSTORABLE))
    return ImportResult(version, compiled.problems, is_new=True)


def _already_there(version: QuestionnaireVersion, *, publish: bool, by: str, at: datetime) -> ImportResult:
    if publish:
        version = publish_version(version=version, by=by, at=at)
    return ImportResult(version, findings(version))


def publish_version(*, version: QuestionnaireVersion, by: str, at: datetime) -> QuestionnaireVersion:
    """Freeze a draft: from now on the database refuses any change to it. Publishing twice changes nothing."""
    with transaction.atomic(using=ANSWERS):
        drafts = QuestionnaireVersion.objects.filter(pk=version.pk, state=VersionState.DRAFT)
        if drafts.update(state=VersionState.PUBLISHED, published_at=at, published_by=by):
            Questionnaire.objects.filter(pk=version.questionnaire_id).update(title=version.title)
            AuditEntry.objects.create(
                at=at, by=by, action="publish_version", subject=str(version), detail={"checksum": version.checksum}
            )
    return versions().get(pk=version.pk)


def _store_draft(
    slug: str,
    data: bytes,
    digest: str,
    instrument: Instrument,
    problems: tuple[Problem, ...],
    by: str,
    at: datetime,
) -> QuestionnaireVersion:
    title = (instrument.title or slug)[:200]
    questionnaire, _ = Questionnaire.objects.get_or_create(slug=slug, defaults={"title": title})
    # Two imports at once get two numbers.
    Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    newest = versions().filter(questionnaire=questionnaire).order_by("-number").first()
    version = QuestionnaireVersion.objects.create(
        questionnaire=questionnaire,
        number=newest.number + 1 if newest else 1,
        title=title,
        workbook=data,
        workbook_sha256=digest,
        content=instrument.to_json(),
        checksum=instrument.checksum(),
        findings=[asdict(problem) for problem in problems],
        n_items=sum(item.is_asked for item in instrument.items()),
        imported_at=at,
    )
    AuditEntry.objects.create(
        at=at, by=by, action="import_version", subject=str(version), detail={"checksum": version.checksum}
    )
    return version


def _store_media(version: QuestionnaireVersion, instrument: Instrument, files: Mapping[str, bytes]) -> None:
    """Keep the bytes that the version shows; those that another version shows are there already."""
    endings = {media.sha256: media.ending for media in instrument.media.values()}
    shown = [MediaFile(sha256=digest, ending=endings[digest], data=data) for digest, data in files.items()]
    MediaFile.objects.bulk_create(shown, ignore_conflicts=True)
    version.media.add(*MediaFile.objects.filter(pk__in=files).defer("data"))


def too_much_attached(attachments: Mapping[str, bytes]) -> Problem | None:
    """What is wrong with the files beside a workbook before one is even looked at."""
    n_bytes = sum(map(len, attachments.values()))
    if n_bytes <= MAX_ATTACHMENTS_BYTES:
        return None
    return Problem(
        Severity.ERROR,
        "file.too_large",
        f"The attached files have {n_bytes / 1e6:.1f} MB together; at most {MAX_ATTACHMENTS_BYTES // 10**6} are read.",
        advice="Make pictures smaller and sounds shorter.",
    )


def _refusal(slug: str, data: bytes) -> Problem | None:
    """What is wrong before the workbook is even opened."""
    try:
        validate_slug(slug)
    except ValidationError:
        slug = ""
    if not 1 <= len(slug) <= 50:
        return Problem(
            Severity.ERROR,
            "questionnaire.slug",
            "The questionnaire's short name isn't usable.",
            advice="Take 1 to 50 of the letters a to z, digits, '-' and '_', such as 'w2024'.",
        )
    if not data:
        return Problem(Severity.ERROR, "workbook.empty", "The file is empty.", advice="Save the workbook again.")
    if len(data) > MAX_WORKBOOK_BYTES:
        return Problem(
            Severity.ERROR,
            "workbook.too_large",
            f"The file has {len(data) / 1e6:.0f} MB; at most {MAX_WORKBOOK_BYTES // 1_000_000} MB are read.",
            advice="Take pictures and unused sheets out of the workbook.",
        )
    return None


_UNSTORABLE = Problem(
    Severity.ERROR,
    "workbook.character",
    "A text holds a character that can't be stored (a zero byte or half of a surrogate pair).",
    advice="Look for strange characters where text was pasted from another program, and type it anew.",
)
