"""The rules of reports as plain values: no Django, no clock, no randomness."""
