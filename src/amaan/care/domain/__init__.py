"""Pure rules: how much somebody has read, and when it is enough."""
