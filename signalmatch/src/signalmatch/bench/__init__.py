"""What it takes here, beside what others take, in the same run."""
