"""What can go wrong, by name. Every error of the library is a `SignalmatchError`."""

from __future__ import annotations


class SignalmatchError(Exception):
    """The base of every error that this library raises on purpose."""
