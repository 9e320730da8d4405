"""Root urls and middleware: which doors this process serves, and who may pass each of them."""
