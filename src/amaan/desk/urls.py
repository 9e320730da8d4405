"""The desk's addresses, below /desk/."""

from amaan.desk.pages import (
    cases,
    decisions,
    history,
    imports,
    lists,
    look_up,
    matches,
    queue,
    report,
    unsealings,
)

app_name = "desk"

urlpatterns = [
    *queue.urlpatterns,
    *report.urlpatterns,
    *decisions.urlpatterns,
    *cases.urlpatterns,
    *look_up.urlpatterns,
    *unsealings.urlpatterns,
    *imports.urlpatterns,
    *lists.urlpatterns,
    *matches.urlpatterns,
    *history.urlpatterns,
]
