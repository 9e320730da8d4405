from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.desk"
    label = "desk"
