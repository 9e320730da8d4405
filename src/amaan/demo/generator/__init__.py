"""PURE: the demo world as documents. Seeded; no Django, no clock, nothing of Amaan's other rooms."""
