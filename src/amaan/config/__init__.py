"""Settings and start-up: the only place that reads the environment.

Enters: the environment of the process. Leaves: Django's settings, or one line that says what to mend. Who may
come in: nobody by Python; Django reads it by name.
"""
