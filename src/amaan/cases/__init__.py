"""People at work until the verdict: a case, the reports joined to it, who works on it, and what was done.

Enters: a report that somebody decides to work on. Leaves: to those who may, the case; to the reports, their outcome
(`reports.services.record_outcome`). Every change is one numbered event that is never changed; people and reports
point to the event that began and the one that ended them. Who may come in: officers of the case's unit, by
`selectors.access_case`, which is the only way from a reference to a case.
"""
