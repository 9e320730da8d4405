"""Pure rules: which facts a model may see, and how far it may move a turn."""
