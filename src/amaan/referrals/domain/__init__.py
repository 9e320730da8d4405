"""PURE: what a partner sent, translated into a report; no Django, no clock."""
