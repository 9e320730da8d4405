"""The desk's addresses, below /desk/."""

from amaan.desk.pages import cases, decisions, history, imports, look_up, queue, report, unsealings

app_name = "desk"

urlpatterns = [
    *queue.urlpatterns,
    *report.urlpatterns,
    *decisions.urlpatterns,
    *cases.urlpatterns,
    *look_up.urlpatterns,
    *unsealings.urlpatterns,
    *imports.urlpatterns,
    *history.urlpatterns,
]
