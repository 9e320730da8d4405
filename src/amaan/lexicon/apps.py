from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.lexicon"
    label = "lexicon"
