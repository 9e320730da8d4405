"""Pure rules: what is evidence that two reports belong together, what it weighs, and what people decided of it."""
