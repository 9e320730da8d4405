"""How well the queue's order serves: the planted world goes in by the real doors, and what was planted is looked for.

Stands beside the doors because it knows both sides: what the generator planted, and the order that triage made of it.
Neither of the two knows the other, and the labels never reach the store.
"""
