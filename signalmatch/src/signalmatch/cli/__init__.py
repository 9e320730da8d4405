"""The command `signalmatch`."""
