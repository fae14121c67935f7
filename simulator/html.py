"""The frame of every page for people, and the headers it is served with."""

from html import escape
from typing import TYPE_CHECKING

from simulator.wire import Response, html_response

if TYPE_CHECKING:
    from simulator.app import Simulator

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


def page(
    sim: "Simulator", title: str, body: str, status: int = 200, form_target: str = ""
) -> Response:
    """A whole page. `body` is HTML; `form_target` is an origin that a form may end up at."""
    link = sim.base_path
    document = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Simulator</title>"
        f'<link rel="stylesheet" href="{link}/simulator.css"></head><body>'
        f'<p class="notice">Simulator, not TikTok. Nothing here leaves this machine.</p>'
        f'<header><a href="{link}/">All creators</a></header>'
        f"<main>{body}</main></body></html>\n"
    )
    response = html_response(document, status)
    response.headers = {
        "Content-Security-Policy": f"{POLICY} {form_target}".strip(),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return response
