"""Background entry points: ids in, call a service."""
