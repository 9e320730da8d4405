"""The staff's door: pages that join rooms. It has no table and no rule of its own.

Enters: a signed-in person's request. Leaves: a page, after the ledger has been told what is about to be read.
Rooms are asked through their `selectors` and `services`; who may come in: browsers, nobody by Python.
"""
