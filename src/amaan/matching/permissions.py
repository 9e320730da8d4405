"""Who may, in both forms."""
