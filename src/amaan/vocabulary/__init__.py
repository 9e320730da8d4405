"""The words: places, age bands, incident types, offences and languages, each a row with its source and date.

In comes text as somebody wrote it; out comes the one word that every room uses for it, or None.
There is no database here: the rows are data files of the package, read once. Any room may enter by `domain`.
"""
