"""Pure rules: what binds reports together, and what is new in one."""
