"""Reading waves: which there are, and their totals."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from surveys.models import Interview, Wave
from surveys.models.interview import InterviewState, OutcomeCode
from surveys.models.wave import WaveState

USABLE = (OutcomeCode.COMPLETE, OutcomeCode.PARTIAL)


def waves() -> QuerySet[Wave]:
    """Every wave with its version, newest first, without the version's heavy columns."""
    return (
        Wave.objects.select_related("version__questionnaire")
        .defer("version__workbook", "version__content", "version__findings")
        .order_by("-number")
    )


def open_waves() -> QuerySet[Wave]:
    return waves().filter(state=WaveState.OPEN)


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How many interviews of a wave ended so."""

    code: str
    label: str
    n: int
    share: float  # percent of all interviews of the wave


@dataclass(frozen=True, slots=True)
class WaveTotals:
    """A wave in whole numbers. An interview that has ended is also counted as started if its respondent began it."""

    n_interviews: int
    n_invited: int  # with a personal link
    n_recruited: int  # through an open recruitment link or a return phrase
    n_not_started: int
    n_in_progress: int
    n_started: int
    n_complete: int
    n_partial: int
    n_complete_of_invited: int
    outcomes: tuple[OutcomeCount, ...]  # of those that have ended

    @property
    def participation(self) -> float | None:
        """Percent of the invited whose interview is complete or usable in part (ISO 20252); None without invited."""
        return 100 * self.n_complete_of_invited / self.n_invited if self.n_invited else None


def wave_totals(wave: Wave) -> WaveTotals:
    """The totals of one wave, in two queries."""
    interviews = Interview.objects.filter(wave=wave).order_by()
    is_invited = Q(link_hash__isnull=False)
    is_usable = Q(outcome_code__in=USABLE)
    counts = interviews.aggregate(
        n_interviews=Count("pk"),
        n_invited=Count("pk", filter=is_invited),
        n_not_started=Count("pk", filter=Q(state=InterviewState.NOT_STARTED)),
        n_in_progress=Count("pk", filter=Q(state=InterviewState.IN_PROGRESS)),
        n_started=Count("pk", filter=Q(started_on__isnull=False)),
        n_complete=Count("pk", filter=Q(outcome_code=OutcomeCode.COMPLETE)),
        n_partial=Count("pk", filter=Q(outcome_code=OutcomeCode.PARTIAL)),
        n_complete_of_invited=Count("pk", filter=is_invited & is_usable),
    )
    n_interviews = counts["n_interviews"]
    ended = interviews.filter(state=InterviewState.ENDED).values_list("outcome_code")
    by_code = dict(ended.annotate(n=Count("pk")))
    return WaveTotals(
        **counts,
        n_recruited=n_interviews - counts["n_invited"],
        outcomes=tuple(
            OutcomeCount(code.value, str(code.label), by_code[code], 100 * by_code[code] / n_interviews)
            for code in OutcomeCode
            if code in by_code
        ),
    )
