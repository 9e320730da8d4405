"""Lists, members, matches."""
