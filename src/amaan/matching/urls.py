"""The public's page of the lists, below /lists/."""

from django.urls import path

from amaan.matching import pages

urlpatterns = [path("", pages.lists, name="public_lists")]
