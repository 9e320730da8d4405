from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.ledger"
    label = "ledger"
