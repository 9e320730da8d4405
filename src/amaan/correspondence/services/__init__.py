"""Writing: carrying across, messages, notes."""
