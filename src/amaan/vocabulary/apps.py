from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.vocabulary"
    label = "vocabulary"
