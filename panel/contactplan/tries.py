"""What follows from how the mail server took a mail: the stop rules of a single attempt."""

from datetime import datetime, timedelta
from enum import StrEnum

MAX_TRIES = 5

#: Waits after the first, second … failed try: long enough for greylisting, and done within the day a step lasts.
WAITS = (timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1), timedelta(hours=4))

#: After this long a row that a worker took and did nothing with belongs to a worker that is gone.
TAKEN_FOR = timedelta(minutes=10)


class Phase(StrEnum):
    """Which part of handing over a mail the server answered."""

    SENDER = "sender"  # signing in, HELO, MAIL FROM: about us
    RECIPIENT = "recipient"  # RCPT TO: about the address
    CONTENT = "content"  # DATA: about the mail


class Verdict(StrEnum):
    ADDRESS_DEAD = "address_dead"  # no mail to this address will ever arrive
    REFUSED = "refused"  # this mail won't be taken
    LATER = "later"  # try this one again after a while
    ALL_LATER = "all_later"  # nobody's mail is taken just now: stop, and count it against nobody


def verdict(phase: Phase, code: int) -> Verdict:
    """What a refusal with an SMTP reply code means (RFC 5321, 4.2.1: 4yz transient, 5yz permanent)."""
    if phase is Phase.SENDER or code == 421:
        return Verdict.ALL_LATER
    if 500 <= code < 600:
        return Verdict.ADDRESS_DEAD if phase is Phase.RECIPIENT else Verdict.REFUSED
    return Verdict.LATER


def next_try(now: datetime, n_tries: int) -> datetime | None:
    """When to try again after `n_tries` failed ones, None where that was the last."""
    return now + WAITS[n_tries - 1] if n_tries < MAX_TRIES else None
