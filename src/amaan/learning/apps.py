from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.learning"
    label = "learning"
