from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.evidence"
    label = "evidence"
