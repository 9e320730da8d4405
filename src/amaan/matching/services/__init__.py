"""Writing: one function a verb."""
