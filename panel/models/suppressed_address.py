from django.db import models


class SuppressedAddress(models.Model):
    """An address that was erased and is never taken in again: its keyed digest, and nothing of whom or when."""

    blind_index = models.BinaryField(max_length=32, primary_key=True, help_text="keyed digest of the address")

    class Meta:
        verbose_name_plural = "suppressed addresses"

    def __str__(self) -> str:
        return "a suppressed address"
