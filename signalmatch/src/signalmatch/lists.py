"""Plain hash lists: one `pdq <hex>` or bare hash a line."""
