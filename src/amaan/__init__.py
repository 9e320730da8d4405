"""Amaan (امان, safety): answering online child sexual exploitation, from the first report to the verdict."""

__version__ = "0.1.0"
