"""A wave on a running site, with as many invited as wanted, for tests and benchmarks that need no mail."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from surveys.links import hash_link
from tests.running_site import RunningSite

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
LASTS = timedelta(days=30)


def open_wave(site: RunningSite, slug: str) -> None:
    """A wave of the questionnaire of that slug, from today on; nobody is invited by mail."""
    today = (datetime.now(UTC) + site.clock_offset).date()
    site.manage("open_wave", slug, "--questionnaire", slug, "--opens", today, "--closes", today + LASTS)


def invite(site: RunningSite, wave: str, n: int, *, seed: int | None = None) -> list[str]:
    """So many interviews put straight into the tables; the letters of their links. Each has a seed of its own, or one
    and the same where it is given."""
    links = ["".join(secrets.choice(ALPHABET) for _ in range(26)) for _ in range(n)]
    with site.connect("answers") as connection:
        place = connection.execute("SELECT id, version_id FROM surveys_wave WHERE slug = %s", [wave]).fetchone()
        assert place is not None, f"there is no wave {wave}"
        people = [uuid4() for _ in links]
        with connection.transaction(), connection.cursor() as cursor:
            with cursor.copy("COPY surveys_respondent (respondent_key, cohort, source, language) FROM STDIN") as copy:
                for person in people:
                    copy.write_row((person, wave, "panel", "en"))
            columns = {
                "state": "not_started", "outcome_code": "", "language": "", "page": "",
                "answers": "{}", "prior": "{}", "page_saves": "{}", "progress": 0, "revision": 0,
                "wants_no_mail": False,
            }  # fmt: skip
            names = f"id, wave_id, version_id, respondent_id, link_hash, seed, {', '.join(columns)}"
            with cursor.copy(f"COPY surveys_interview ({names}) FROM STDIN") as copy:
                for person, link in zip(people, links, strict=True):
                    own = secrets.randbelow(2**62) if seed is None else seed
                    copy.write_row((uuid4(), *place, person, hash_link(link), own, *columns.values()))
        connection.execute("VACUUM ANALYZE")
    return links
