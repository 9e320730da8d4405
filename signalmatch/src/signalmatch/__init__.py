"""Hash photos and videos and find known ones, exactly.

The public names below are loaded when they are first asked for, so that `import signalmatch` and the command's
`--help` cost nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signalmatch.errors import SignalmatchError as SignalmatchError
    from signalmatch.index import HammingIndex as HammingIndex
    from signalmatch.index.clips import ClipIndex as ClipIndex
    from signalmatch.media.limits import Limits as Limits
    from signalmatch.signals.decoder import Decoder as Decoder
    from signalmatch.signals.photo import PhotoSignals as PhotoSignals
    from signalmatch.signals.photo import photo_signals as photo_signals
    from signalmatch.signals.vpdq import VideoFrame as VideoFrame
    from signalmatch.signals.vpdq import VideoSignals as VideoSignals
    from signalmatch.signals.vpdq import video_signals as video_signals

__version__ = "0.1.0"

# name -> the module that defines it
_PUBLIC = {
    "Decoder": "signalmatch.signals.decoder",
    "Limits": "signalmatch.media.limits",
    "ClipIndex": "signalmatch.index.clips",
    "HammingIndex": "signalmatch.index",
    "PhotoSignals": "signalmatch.signals.photo",
    "SignalmatchError": "signalmatch.errors",
    "VideoFrame": "signalmatch.signals.vpdq",
    "VideoSignals": "signalmatch.signals.vpdq",
    "photo_signals": "signalmatch.signals.photo",
    "video_signals": "signalmatch.signals.vpdq",
}
__all__ = [
    "ClipIndex",
    "Decoder",
    "HammingIndex",
    "Limits",
    "PhotoSignals",
    "SignalmatchError",
    "VideoFrame",
    "VideoSignals",
    "photo_signals",
    "video_signals",
]


def __getattr__(name: str) -> Any:
    """The public name, from its module; AttributeError for any other."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'signalmatch' has no attribute {name!r}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
