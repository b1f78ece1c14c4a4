import uuid

from django.db import models


class MemberState(models.TextChoices):
    ACTIVE = "active", "active"
    UNREACHABLE = "unreachable", "unreachable"
    DO_NOT_CONTACT = "do_not_contact", "do not contact"
    UNCONFIRMED = "unconfirmed", "not confirmed yet"


class Member(models.Model):
    """Someone we can write to. In the clear stand only the state, the wave of joining and when we next write."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=16, choices=MemberState, default=MemberState.ACTIVE)
    joined_wave = models.CharField(max_length=50, blank=True, help_text="slug of the first wave opened with them")

    def __str__(self) -> str:
        return "a member"
