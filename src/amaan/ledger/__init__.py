"""What was done, append-only, Merkle-hashed, provable to people outside.

Enters: acts (who did what to which reference), in the transaction of whoever did them. Leaves: signed
checkpoints, proofs that an outsider can check without this software's database, and a verdict that names the
leaf that is wrong.
Who may come in: any room's services append; auditors read; the worker sequences.

A body is the only part that can ever be erased, so a leaf holds no name, no reason and no search term.
"""
