"""How well rings are found: planted ones go in by the real doors, and what came out is compared with what went in.

Stands beside the doors because it knows both sides: what the generator planted, and what linking made of it. Neither of
the two knows the other, and the labels never reach the store.
"""
