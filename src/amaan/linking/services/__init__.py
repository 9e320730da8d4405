"""Writing: what is noted, linked, counted, decided and named."""

from amaan.linking.services.noting import note_clues

__all__ = ["note_clues"]
