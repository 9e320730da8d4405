"""Exact search: the plain one, and every clever one beside it."""

from signalmatch.index.hamming import HammingIndex
from signalmatch.index.plan import Plan

__all__ = ["HammingIndex", "Plan"]
