from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.accounts"
    label = "accounts"

    def ready(self) -> None:
        from amaan.accounts import receivers  # noqa: F401 - connects them
