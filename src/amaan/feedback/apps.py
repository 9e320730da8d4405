from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.feedback"
    label = "feedback"
