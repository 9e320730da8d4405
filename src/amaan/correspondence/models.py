"""Conversations with reporters, and what came across from the door."""
