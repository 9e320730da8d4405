"""Pure rules: from answers to a draft, and the words that a letter may hold. No Django."""
