"""Language and theme. `amaan.web.urls` includes this at the root."""

from django.urls import path

from amaan.ui import pages

urlpatterns = [
    path("language", pages.set_language, name="set_language"),
    path("theme", pages.set_theme, name="set_theme"),
]
