from django.db import models

from panel.models.attempt import Attempt
from panel.models.member import Member, MemberState


class Confirmation(Attempt):
    """The one mail that asks whether an address may be written to. It goes with the answer, or when there is none."""

    #: Members in this state are sent it.
    WRITES_TO = MemberState.UNCONFIRMED

    member = models.OneToOneField(Member, models.CASCADE, related_name="confirmation")
    confirm_hash = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of its link's letters")
    ends_on = models.DateField(help_text="last day on which it can be confirmed; then everything of it is forgotten")

    def __str__(self) -> str:
        return "a confirmation"
