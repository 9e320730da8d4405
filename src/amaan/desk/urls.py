"""The desk's addresses, below /desk/."""

from amaan.desk.pages import (
    calls,
    care,
    cases,
    decisions,
    feedback,
    history,
    imports,
    learning,
    lists,
    look_up,
    matches,
    opening,
    queue,
    queues,
    report,
    rings,
    rules,
    shift,
    splitting,
    take_down,
    unreadable,
    unsealings,
)
from amaan.desk.pages.reporter import answers as reporter_answers
from amaan.desk.pages.reporter import work as reporter

app_name = "desk"

urlpatterns = [
    *queue.urlpatterns,
    *opening.urlpatterns,
    *queues.urlpatterns,
    *calls.urlpatterns,
    *shift.urlpatterns,
    *care.urlpatterns,
    *report.urlpatterns,
    *reporter.urlpatterns,
    *reporter_answers.urlpatterns,
    *take_down.urlpatterns,
    *decisions.urlpatterns,
    *splitting.urlpatterns,
    *cases.urlpatterns,
    *rings.urlpatterns,
    *look_up.urlpatterns,
    *unsealings.urlpatterns,
    *imports.urlpatterns,
    *unreadable.urlpatterns,
    *lists.urlpatterns,
    *matches.urlpatterns,
    *learning.urlpatterns,
    *feedback.urlpatterns,
    *rules.urlpatterns,
    *history.urlpatterns,
]
