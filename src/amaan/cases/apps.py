from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.cases"
    label = "cases"
