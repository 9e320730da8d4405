"""The partners' door: reports that platforms, hotlines and police forces refer.

Enters: documents (CyberTipline XML, the law-enforcement JSON, CSV) in files, folders and ZIPs, and over the
platforms' wire. Leaves: reports in the spine, each with a completeness receipt; what cannot be read waits sealed
in quarantine. Who may come in: platforms by `wire`, intake officers, the system.
"""
