"""The Celery application: Beat ticks, workers do what the post table says is due."""

import logging.config
import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calendar_app.settings")

app = Celery("duecast")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["publishing"])


@setup_logging.connect
def log_as_django_does(**kwargs: object) -> None:
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
