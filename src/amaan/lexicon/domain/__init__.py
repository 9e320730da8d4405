"""Pure rules: letters, patterns, what a sentence asserts."""
