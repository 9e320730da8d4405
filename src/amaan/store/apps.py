from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.store"
    label = "store"
