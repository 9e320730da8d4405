from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.linking"
    label = "linking"
