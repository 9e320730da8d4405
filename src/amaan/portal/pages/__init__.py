"""The door's pages. Each takes a request and the language of its address; none keeps anything about who asks."""
