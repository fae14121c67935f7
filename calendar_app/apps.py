from django.apps import AppConfig


class CalendarAppConfig(AppConfig):
    name = "calendar_app"

    def ready(self) -> None:
        from calendar_app import checks  # noqa: F401 - registers them
