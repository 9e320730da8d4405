"""The desk's addresses, below /desk/."""

from django.urls import path

from amaan.desk import pages

app_name = "desk"

urlpatterns = [
    path("", pages.home, name="home"),
]
