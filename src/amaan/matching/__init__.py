"""Is this known? Lists and banks, matches with their reasons, exchanges.

Enters: reports' content items as hashes; lists from files, exchanges and confirmed decisions. Leaves: Match rows and
`report.matched`, which triage reads; counts for the public. Who may come in: triage and the desk, by `selectors`,
`services` and panels. Every comparison is `signalmatch`'s. docs/explanation/matching.md tells the whole.
"""
