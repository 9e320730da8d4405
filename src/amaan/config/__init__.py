"""Settings and start-up. The only place that reads the environment."""
