"""The public's door: report, don't share. It runs in a process of its own, with a database of its own, and only seals.

Enters: what somebody types into one question after another; a code, typed again; hashes made on the device. Leaves:
sealed envelopes for the desk, and letters opened for whoever has the code. Who may come in: anybody; `correspondence`
by the services, to fetch envelopes and leave letters.
"""
