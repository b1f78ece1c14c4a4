"""What follows from how the mail server took a mail: the stop rules of a single attempt."""

from datetime import datetime, timedelta
from enum import StrEnum

MAX_TRIES = 5

#: Waits after the first, second … failed try: long enough for greylisting, and done within the day a step lasts.
WAITS = (timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1), timedelta(hours=4))

#: How long a mail refused by policy waits: others come first, so that one address never holds up the rest.
BARRED_FOR = timedelta(minutes=20)

#: As many dead addresses one after the other say more about the mail server than about any of them.
MAX_DEAD_IN_A_ROW = 5

#: RFC 3463: bad mailbox, bad system, bad syntax, mailbox has moved; 5.1.10 (RFC 7505): the domain takes no mail.
_DEAD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
#: What they are without an enhanced code: mailbox unavailable, mailbox name not allowed (RFC 5321, 4.2.3).
_DEAD_BARE = frozenset({550, 553})

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
    BARRED = "barred"  # by policy, which is mostly about us: stop, and try this one again after the others
    ALL_LATER = "all_later"  # nobody's mail is taken just now: stop, and count it against nobody


def verdict(phase: Phase, code: int, enhanced: str = "") -> Verdict:
    """What a refusal means, by its SMTP reply code (RFC 5321, 4.2.1: 4yz transient, 5yz permanent).

    `enhanced` is the status code of RFC 3463 ("5.1.1"), "" where the server gives none.
    """
    if phase is Phase.SENDER or code == 421:
        return Verdict.ALL_LATER
    if not 500 <= code < 600:
        return Verdict.LATER
    return _permanent_of_recipient(code, enhanced) if phase is Phase.RECIPIENT else Verdict.REFUSED


def _permanent_of_recipient(code: int, enhanced: str) -> Verdict:
    if enhanced.startswith("5.7."):
        return Verdict.BARRED
    is_dead = enhanced in _DEAD if enhanced else code in _DEAD_BARE
    return Verdict.ADDRESS_DEAD if is_dead else Verdict.REFUSED


def next_try(now: datetime, n_tries: int) -> datetime | None:
    """When to try again after `n_tries` failed ones, None where that was the last."""
    return now + WAITS[n_tries - 1] if n_tries < MAX_TRIES else None
