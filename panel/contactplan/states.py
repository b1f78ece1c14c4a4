"""Member states and what changes them; who may be written to."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    ACTIVE = "active"
    UNREACHABLE = "unreachable"
    DO_NOT_CONTACT = "do_not_contact"
    UNCONFIRMED = "unconfirmed"  # has opted in, and whoever reads mail at the address hasn't said yes to it


class Happening(StrEnum):
    """What can happen to a member that bears on writing to them."""

    STOPPED = "stopped"  # asked for no more mail, declined, or is out of scope: one state, so that none can be told
    CONFIRMED = "confirmed"  # whoever reads mail at the address has said yes to it
    REFUSED_FOR_GOOD = "refused_for_good"  # the mail server says that the address doesn't exist


#: What isn't listed changes nothing: whoever asked not to be written to stays so, whatever a mail server says later.
_TRANSITIONS: Mapping[tuple[State, Happening], State] = {
    (State.ACTIVE, Happening.STOPPED): State.DO_NOT_CONTACT,
    (State.UNREACHABLE, Happening.STOPPED): State.DO_NOT_CONTACT,
    (State.ACTIVE, Happening.REFUSED_FOR_GOOD): State.UNREACHABLE,
    (State.UNCONFIRMED, Happening.CONFIRMED): State.ACTIVE,
}


def next_state(state: State, happening: Happening) -> State:
    return _TRANSITIONS.get((state, happening), state)


def states_left_by(happening: Happening) -> Mapping[State, State]:
    """From which states something leads to which, for a single conditional update."""
    return {old: new for (old, cause), new in _TRANSITIONS.items() if cause is happening}


def may_be_written_to(state: State) -> bool:
    return state is State.ACTIVE
