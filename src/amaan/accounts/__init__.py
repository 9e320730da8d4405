"""People, units, sessions, second factor.

Enters: a person's e-mail address, password and second factor. Leaves: an `Actor`, which every service takes.
Who may come in: every room asks `selectors` who somebody is and marks its views with `audience`; people and
units are changed by `services` only.
"""
