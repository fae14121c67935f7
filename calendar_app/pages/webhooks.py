"""Where TikTok reports what became of posts and accounts. docs/webhooks.md."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now as current_moment
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.tiktok_app import tiktok_app
from publishing.webhooks import receive
from tiktok.webhooks import UnreadableEvent, parse_event, verify_signature

# TikTok's events have a few hundred bytes.
MAX_BODY_BYTES = 64 * 1024


# TikTok has no session here: its signature is what counts.
@csrf_exempt
@require_POST
def tiktok_webhook(request: HttpRequest) -> HttpResponse:
    """Keeps the event and answers 200 at once: TikTok repeats for 72 hours what is not answered so.

    Whoever cannot sign learns nothing but that.
    """
    body = request.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        return HttpResponse(status=413)
    try:
        event = parse_event(body)
    except UnreadableEvent:
        return HttpResponse(status=400)
    now = current_moment()
    secret = _secret_of(event.client_key)
    signature = request.headers.get("TikTok-Signature", "")
    if secret is None or not verify_signature(
        signature, body, secret, now, settings.WEBHOOK_TOLERANCE_S
    ):
        return HttpResponse(status=403)
    receive(event, now)
    return HttpResponse()


def _secret_of(client_key: str) -> str | None:
    """TikTok's sandbox and production keys sign with different secrets; None for a foreign key."""
    app = tiktok_app()
    return {app.client_key: app.client_secret}.get(client_key)
