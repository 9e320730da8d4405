from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.ui"
    label = "ui"
