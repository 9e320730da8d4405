"""Pages of one size: whoever counts the bytes on the line learns little of what stands in them."""

from __future__ import annotations

import base64
from hashlib import shake_256

from django.http import HttpResponse


def padded(response: HttpResponse, step: int) -> HttpResponse:
    """`response` (HTML), longer by a comment so that its length is a multiple of `step` bytes.

    The comment is the same for everybody, and no compression on the way makes it smaller.
    """
    lacking = -(len(response.content) + len(b"<!---->")) % step
    filler = base64.b64encode(shake_256(b"amaan/portal/filler/1").digest(lacking))[:lacking]
    response.content += b"<!--" + filler + b"-->"
    return response
