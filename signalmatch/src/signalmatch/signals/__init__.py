"""One file a signal type, each with its plain comparison."""
