"""The triage rules: what is in force, what is proposed, what it would move, and two people's answer."""

from amaan.desk.pages.rules import answering, proposing, showing

urlpatterns = [*showing.urlpatterns, *proposing.urlpatterns, *answering.urlpatterns]
