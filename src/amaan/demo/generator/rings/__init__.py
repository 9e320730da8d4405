"""PURE: planted rings of many shapes, and the innocents beside them. Knows nothing of how reports are linked."""
