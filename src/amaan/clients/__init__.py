"""Network sessions with outside services. Pure: no Django, no table.

Enters: an address and a credential. Leaves: what the service said, as dataclasses, or a named error. Who may come in:
any room's services.
"""
