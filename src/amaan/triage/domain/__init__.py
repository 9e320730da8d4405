"""Pure triage: a rule file in, an engine out. No database, no clock, no randomness."""
