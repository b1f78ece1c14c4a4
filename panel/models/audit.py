from django.db import models


class AuditEntry(models.Model):
    """Who did what to what. Labels, not foreign keys, so that it neither blocks nor follows a deletion."""

    at = models.DateTimeField()
    by = models.CharField(max_length=50, help_text="a staff id, or 'command'")
    action = models.CharField(max_length=50)
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
