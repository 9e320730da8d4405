"""The same material once: reports that share content, a batch or an account stand behind one canonical report.

Enters: ids of reports, with their hashes, batches and accounts.
Leaves: bundles, who folds behind whom and why, and what is new in a member; a bundle's size says nothing of its danger.
Who may come in: the system writes, staff who work the queue split; triage and the desk read.
"""
