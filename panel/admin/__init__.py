"""The staff's pages on the panel: counts and jobs. Nothing here shows a contact, a bridge or one member's attempts."""

from panel.admin import accounts, audit, contact_plans, jobs, members

__all__ = ["accounts", "audit", "contact_plans", "jobs", "members"]
