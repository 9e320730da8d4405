"""Writing: imports, the platforms' wire and their credentials, and retries of what could not be read."""

from amaan.referrals.services.importing import import_paths
from amaan.referrals.services.platforms import (
    BadPlatformName,
    Issued,
    PlatformExists,
    PlatformRevoked,
    PlatformUnknown,
    add_platform,
    revoke_platform,
    rotate_platform,
)
from amaan.referrals.services.retrying import AlreadyResolved, retry_quarantined
from amaan.referrals.services.storing import Summary
from amaan.referrals.services.wire import (
    Finished,
    add_file,
    describe_file,
    expire_reports,
    finish_report,
    open_report,
    retract_report,
)

__all__ = [
    "AlreadyResolved",
    "BadPlatformName",
    "Finished",
    "Issued",
    "PlatformExists",
    "PlatformRevoked",
    "PlatformUnknown",
    "Summary",
    "add_file",
    "add_platform",
    "describe_file",
    "expire_reports",
    "finish_report",
    "import_paths",
    "open_report",
    "retract_report",
    "retry_quarantined",
    "revoke_platform",
    "rotate_platform",
]
