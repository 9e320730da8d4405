"""Root urls and middleware: which doors this process serves, and who may pass each of them.

Enters: every request. Leaves: the request with its actor, at a view that declared whom it is for; or the way to
sign in; or nothing here. Who may come in: `config.wsgi`, which starts it.
"""
