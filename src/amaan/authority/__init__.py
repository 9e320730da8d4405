"""PURE: who somebody is and what the matrix allows. No Django, no database.

Enters: an actor and an action. Leaves: the units in which the actor may do it. Who may come in: everybody.
"""
