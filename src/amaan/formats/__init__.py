"""PURE: reading and writing outside documents. Bytes come in, trees of plain values leave; no Django, no rule."""
