from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.accounts"
    label = "accounts"
