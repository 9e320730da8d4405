"""NCMEC's CyberTipline: the platforms' XML (schema of November 2025) and the JSON that law enforcement receives."""
