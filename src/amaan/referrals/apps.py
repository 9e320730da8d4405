from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.referrals"
    label = "referrals"
