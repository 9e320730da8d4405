from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.bundles"
    label = "bundles"
