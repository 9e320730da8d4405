from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.outbox"
    label = "outbox"
