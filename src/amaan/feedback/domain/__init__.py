"""Pure rules: how useful a report was."""
