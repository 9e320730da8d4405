"""Exact search: the plain one, and every clever one beside it."""
