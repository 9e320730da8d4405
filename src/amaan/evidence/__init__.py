"""Exhibits: bytes that came in, kept as they came, sealed, and found again by what they are.

Enters: plaintext bytes or a stream. Leaves: an exhibit's id, and for services that are allowed to ask, the
bytes. Who may come in: services of later rooms. Nobody but `evidence.services` touches `evidence.vault`,
the files.
"""
