"""Back to the source: how useful a report was, told to whoever sent it, and how an entity's reports fare over time.

Enters: outcomes of reports.
Leaves: usefulness codes, as files and by an interface for partners; figures an entity.
Who may come in: staff who decide write, each partner reads its own.
"""
