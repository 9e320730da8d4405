"""Command line: `amaan links …` and `amaan rings …`."""
