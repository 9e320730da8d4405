"""The words: places, age bands, incident types, offences and languages, each a row with its source and date.

Enters: text as somebody wrote it. Leaves: the one word that every room uses for it, or None. Who may come in:
any room, by `domain`. There is no database here: the rows are data files of the package, read once.
"""
