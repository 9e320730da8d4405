"""The door's pure rules: codes, sealing, envelopes, questions. No Django, no clock, no file."""
