"""Writing: what is noted, linked, counted, decided and named."""
