"""The other side of the public's door: envelopes become reports, and a reporter and an office can write to each other.

Enters: envelopes from the door's database, what staff take down over the telephone, a message or note written at the
desk. Leaves: reports in the spine, letters for the door, hashes for the survivors' bank. Who may come in: the worker,
the desk, and later rooms that tell a reporter what became of it.
"""
