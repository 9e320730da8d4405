from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.matching"
    label = "matching"
