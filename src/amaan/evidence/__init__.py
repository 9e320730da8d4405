"""Exhibits: bytes that came in, kept as they came, sealed, and found again by what they are.

Enters: plaintext bytes or a stream; uploaded files by the media policy. Leaves: an exhibit's id, and for services that
are allowed to ask, the bytes; what is sealed to an examiner leaves as it is. Who may come in: services of later rooms,
operators. Nobody but `evidence.services` touches `evidence.vault`, the files.
"""
