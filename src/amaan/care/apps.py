from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.care"
    label = "care"
