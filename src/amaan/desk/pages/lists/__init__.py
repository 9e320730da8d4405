"""Lists of known material, the own list's waiting proposals, and what a report's files become known by."""

from amaan.desk.pages.lists import changing, known, showing

urlpatterns = [*showing.urlpatterns, *changing.urlpatterns, *known.urlpatterns]
