"""Writing: imports, and retries of what could not be read."""

from amaan.referrals.services.importing import import_paths
from amaan.referrals.services.retrying import AlreadyResolved, retry_quarantined
from amaan.referrals.services.storing import Summary

__all__ = ["AlreadyResolved", "Summary", "import_paths", "retry_quarantined"]
