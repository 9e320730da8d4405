"""Hash photos and videos and find known ones, exactly.

The public names below are loaded when they are first asked for, so that `import signalmatch` and the command's
`--help` cost nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signalmatch.errors import SignalmatchError as SignalmatchError
    from signalmatch.signals.photo import PhotoSignals as PhotoSignals
    from signalmatch.signals.photo import photo_signals as photo_signals

__version__ = "0.1.0"

# name -> the module that defines it
_PUBLIC = {
    "PhotoSignals": "signalmatch.signals.photo",
    "SignalmatchError": "signalmatch.errors",
    "photo_signals": "signalmatch.signals.photo",
}
__all__ = ["PhotoSignals", "SignalmatchError", "photo_signals"]


def __getattr__(name: str) -> Any:
    """The public name, from its module; AttributeError for any other."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'signalmatch' has no attribute {name!r}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
