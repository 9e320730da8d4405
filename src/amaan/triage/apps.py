from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.triage"
    label = "triage"
