from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.portal"
    label = "portal"
