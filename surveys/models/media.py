from django.db import models
from django.db.models import F, Func, Q, Value

from surveys.instrument.media import CONTENT_TYPES


class MediaFile(models.Model):
    """The bytes of a picture or sound of labels. Versions that show the same one share it.

    Its name is its content, which the database checks, so it never changes; nor goes what a published version shows
    (migration 0004).
    """

    sha256 = models.CharField(primary_key=True, max_length=64, help_text="of the bytes, in hex")
    ending = models.CharField(max_length=4, choices=[(ending, ending) for ending in CONTENT_TYPES])
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256=Func(Func(F("data"), function="sha256"), Value("hex"), function="encode")),
                name="media_named_by_its_bytes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sha256}.{self.ending}"
