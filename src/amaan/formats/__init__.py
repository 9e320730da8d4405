"""PURE: reading and writing outside documents. No Django, no rule.

Enters: bytes from outside. Leaves: trees of plain values and what was not understood, together the whole
document; or `Unreadable` with its reason. Who may come in: everybody.
"""
