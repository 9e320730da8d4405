from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.reports"
    label = "reports"
