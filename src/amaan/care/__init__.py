"""Care for those who read: what somebody was exposed to, caps, cooling-off, categories they opted out of, a buddy.

Enters: readings of reports and openings of material, with their minutes.
Leaves: whether somebody should be given more now, and a supervisor's view that names nobody.
Who may come in: each person their own; supervisors the view of their unit.
"""
