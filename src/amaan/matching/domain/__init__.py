"""Pure rules: kinds of lists, categories, thresholds, what a match says."""
