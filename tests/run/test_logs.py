import logging

import pytest

from calendar_app.logs import RedactSecrets, redact

TOKEN = "jV8mXc3Yb1-Qk_4w" * 2 + "AbCdEfGhIjK"
ADDRESS = f"/pull/{TOKEN}/0.jpg"


@pytest.mark.parametrize(
    "text",
    [
        f"GET {ADDRESS} 200 4096 bytes",
        f"Not Found: {ADDRESS}",
        f"https://calendar.example{ADDRESS} is under no verified prefix",
        f'{{"photo_images": ["https://calendar.example{ADDRESS}"]}}',
        f"GET /pull/{TOKEN} 404",
        f"GET /pull%2F{TOKEN}%2F0.jpg 404",
        f"GET //pull/{TOKEN}?x=1 404",
    ],
)
def test_an_address_that_tiktok_fetches_from_is_hidden(text):
    assert TOKEN not in redact(text)
    assert redact(text).startswith(text.partition(TOKEN)[0])


@pytest.mark.parametrize(
    "text",
    [
        f"GET /feeds/{TOKEN}.ics 200 4096 bytes",
        f"Not Found: /feeds/{TOKEN}.ics",
        f"GET /feeds%2F{TOKEN}.ics 404",
        f"https://calendar.example/feeds/{TOKEN}.ics failed",
    ],
)
def test_the_address_of_a_calendar_feed_is_hidden(text):
    assert TOKEN not in redact(text)
    assert redact(text).startswith(text.partition(TOKEN)[0])


def test_the_address_of_the_self_check_stays_readable():
    assert redact("GET /pull/self-check/abc 200") == "GET /pull/self-check/abc 200"


def test_an_address_in_a_traceback_is_hidden():
    record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), None)
    try:
        raise ValueError(ADDRESS)
    except ValueError as error:
        record.exc_info = (type(error), error, error.__traceback__)

    RedactSecrets().filter(record)

    assert TOKEN not in (record.exc_text or "")


@pytest.mark.parametrize(
    "text",
    [
        f"GET /review/{TOKEN}/ 200 4096 bytes",
        f"Not Found: /review/{TOKEN}/media/3/",
        f"GET /review%2F{TOKEN}%2Fposts%2F3 404",
    ],
)
def test_the_link_of_a_client_is_hidden(text):
    assert TOKEN not in redact(text)
    assert redact(text).startswith(text.partition(TOKEN)[0])
