from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.keyring"
    label = "keyring"
