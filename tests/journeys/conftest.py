from tests.browser import chromium, demo_server

__all__ = ["chromium", "demo_server"]
