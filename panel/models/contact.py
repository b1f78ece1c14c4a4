from django.db import models

from panel.models.member import Member


class Contact(models.Model):
    """How a member is reached: address, language, zone, country, source and external id, sealed together."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="contact")
    sealed = models.BinaryField()
    blind_index = models.BinaryField(max_length=32, unique=True, help_text="keyed digest of the address")
    stop_hash = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of the stop link's letters")

    def __str__(self) -> str:
        return "a contact"


class Bridge(models.Model):
    """What ties a member to a respondent_key: sealed, readable by the worker alone."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="bridge")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return "a bridge"
