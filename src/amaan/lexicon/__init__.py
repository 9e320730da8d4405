"""What the words of a report say: English, Urdu and Roman Urdu, read by a lexicon that anybody can check.

Enters: ids of reports, whose texts are unsealed in the worker's memory only.
Leaves: indicators, each with the rule that found it and where it stands; no text.
Who may come in: the system writes; triage reads.
"""
