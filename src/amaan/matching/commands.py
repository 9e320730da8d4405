"""`amaan lists …`"""
