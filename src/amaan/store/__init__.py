"""How rows get in by the thousand, and how SQLite's one writer is shared.

Enters: rows as tuples. Leaves: rows in the database, through `executemany` on SQLite and COPY on PostgreSQL.
Who may come in: the services of any room that takes many.
"""
