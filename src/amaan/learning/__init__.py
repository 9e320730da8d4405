"""A model that may propose an order inside a band, never across one; off until a supervisor turns it on.

Enters: facts of reports and what became of them.
Leaves: turns inside a band, with reasons, calibration and drift.
Who may come in: the system fits and proposes; a supervisor turns it on or off.
"""
