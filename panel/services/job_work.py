"""What each kind of job does: its arguments out of JSON, one call of a service, counts back.

Each is safe to repeat: a wave that is open or closed already, and a release that can't be built, are refused with a
reason; what was cut off half way is finished.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal

from outrush_site import clock
from panel.models import Job
from panel.models.job import JobKind
from panel.services.close_wave import close_wave
from panel.services.open_wave import DEFAULT_SOURCES, open_wave
from surveys.selectors.releases import release_folder
from surveys.services.releases import build_release

Counts = Mapping[str, int | str]
Queue = Literal["vault", "desk"]
Report = Callable[[int], None]  # told the percent done


def _open_wave(job: Job, report: Report) -> Counts:
    """Arguments: slug, questionnaire (`slug@number`), opens_on, closes_on (ISO dates), remind_after (days), sources."""
    arguments = job.arguments
    opened = open_wave(
        slug=arguments["slug"],
        questionnaire=arguments["questionnaire"],
        opens_on=date.fromisoformat(arguments["opens_on"]),
        closes_on=date.fromisoformat(arguments["closes_on"]),
        remind_after=arguments["remind_after"],
        sources=tuple(arguments["sources"]) or DEFAULT_SOURCES,
        by=job.asked_by,
        at=clock.now(),
    )
    return {
        "members": opened.n_members,
        "left_out": opened.n_broken,
        **{f"{step.kind}_on_{step.on.isoformat()}": step.n_planned for step in opened.steps},
    }


def _close_wave(job: Job, report: Report) -> Counts:
    """Arguments: slug."""
    return dict(close_wave(slug=job.arguments["slug"], by=job.asked_by, at=clock.now()).counts)


def _build_release(job: Job, report: Report) -> Counts:
    """Arguments: waves (slugs), kind, k, recipe (TOML or ""). The files go where the release's page finds them."""
    arguments = job.arguments
    folder = release_folder(job.pk)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    release = build_release(
        waves=arguments["waves"],
        kind=arguments["kind"],
        k=arguments["k"],
        recipe=arguments["recipe"] or None,
        out=folder,
        by=job.asked_by,
        at=clock.now(),
    )
    folder.rename(release_folder(release.pk))
    return {"release": str(release.pk), "rows": release.n_rows, "files": len(release.checksums)}


WORK: Mapping[JobKind, Callable[[Job, Report], Counts]] = {
    JobKind.OPEN_WAVE: _open_wave,
    JobKind.CLOSE_WAVE: _close_wave,
    JobKind.BUILD_RELEASE: _build_release,
}

#: What needs no key is done on the staff's machine, where a release's files are fetched from.
DESK = frozenset({JobKind.BUILD_RELEASE})


def kinds_of(queue: Queue) -> frozenset[JobKind]:
    """The kinds of job that a queue's worker does."""
    return DESK if queue == "desk" else frozenset(WORK) - DESK
