"""Hash photos and videos and find known ones, exactly."""
