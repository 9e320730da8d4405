from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.correspondence"
    label = "correspondence"
