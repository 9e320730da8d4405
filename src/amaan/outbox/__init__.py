"""Events, delivered exactly as committed.

Enters: an event's name and ids, in the publisher's transaction. Leaves: the ids, handed to each subscriber of
`flow.py` in a transaction that also removes the delivery. Who may come in: services publish, the worker delivers.
"""
