"""Who and what recurs: links between reports, each with its reasons, and the rings that they make.

Enters: ids of reports, with the identifiers, files, wordings, names and places that they tell of, as integers.
Leaves: links (proposed, confirmed, rejected), rings with names that last, and alerts; never a decision about anybody.
Who may come in: the system links; staff who decide reports confirm, reject, split and undo; the desk and cases read.
"""
