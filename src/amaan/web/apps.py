from django.apps import AppConfig


class Config(AppConfig):
    name = "amaan.web"
    label = "web"

    def ready(self) -> None:
        from amaan.web import checks  # noqa: F401 - registers them
