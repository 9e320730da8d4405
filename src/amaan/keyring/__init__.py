"""Keys, sealing and blind indices: cryptography only, no rule about who may read.

Enters: plaintext and the place (table, row, column) it belongs to. Leaves: sealed bytes, blind index values,
and, for services that were allowed to ask, plaintext again. Keys lie in AMAAN_KEYS, wrapped data keys in the
database.
Who may come in: any room's services, by `keyring.services`; code without Django, by `keyring.domain`.
"""
