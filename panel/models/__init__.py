"""The tables of the `default` database, one noun a file."""

from panel.models.audit import AuditEntry
from panel.models.confirmation import Confirmation
from panel.models.confirmation_count import ConfirmationCount
from panel.models.contact import Bridge, Contact
from panel.models.contact_plan import ContactAttempt, ContactPlan, ContactStep
from panel.models.job import Job
from panel.models.member import Member
from panel.models.suppressed_address import SuppressedAddress

__all__ = [
    "AuditEntry",
    "Bridge",
    "Confirmation",
    "ConfirmationCount",
    "Contact",
    "ContactAttempt",
    "ContactPlan",
    "ContactStep",
    "Job",
    "Member",
    "SuppressedAddress",
]
