"""The spine: what was told, by whom, about whom and what; and what became of it.

Enters: reports as drafts, prepared and sealed outside the database, many at once. Leaves: references, the
unsealed facts that triage reads, and, to those who may, the report. Later rooms push back what became of it
(`record_outcome`, `set_public_status`); this room never asks them. Who may come in: doors write by
`services.receive_reports`; from a reference to a report leads only `selectors.access_report`.
"""
