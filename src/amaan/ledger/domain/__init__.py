"""PURE: trees, notes, leaves and proofs. No Django, no clock, no randomness, no database."""
