"""A synthetic world, so that anybody can try Amaan without a real child's story.

Enters: a seed and a number. Leaves: documents, which go in by the real importer, and a labels file for
people who check what the system made of them; the system itself never reads it. `generator` is pure and
imports no room; the room imports nothing of triage or linking, so that it cannot plant what their rules look
for. Who may come in: the command line, on an installation that holds nothing real.
"""
