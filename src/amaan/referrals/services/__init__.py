"""Writing: imports, and retries of what could not be read."""

from amaan.referrals.services.importing import import_paths
from amaan.referrals.services.retrying import AlreadyResolved, NotInQuarantine, retry_quarantined
from amaan.referrals.services.storing import Summary

__all__ = ["AlreadyResolved", "NotInQuarantine", "Summary", "import_paths", "retry_quarantined"]
