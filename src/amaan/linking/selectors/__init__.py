"""Reading: evidence, links, rings and what people decided."""
