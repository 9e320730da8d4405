"""How urgent, and why: five axes kept apart, a band with a deadline, and a reason for every point.

Enters: the unsealed facts of a report (`reports.selectors.triage_inputs`), never a name or a picture.
Leaves: one current assessment a report, with the rules that fired and the facts they read; the queue; a panel
that explains. Who may come in: the system writes; staff who may view a unit's queue read.

The rules are a file that a person can read, `rules/pk.toml`; nothing here learns, guesses or asks a model.
"""
