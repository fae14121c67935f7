"""What TikTok's reviewers expect of this site and its settings do not give yet."""

from typing import Any

from django.utils.translation import gettext


def missing_for_review(settings: Any) -> list[str]:
    """Sentences for the people who run the site, in the order to fix them."""
    shortages = [
        (
            not settings.SITE_IS_HTTPS,
            gettext("SITE_URL is not https: TikTok accepts public https only."),
        ),
        (
            settings.SIMULATOR_IN_USE,
            gettext("TIKTOK_CLIENT_KEY is not set, so a simulator takes TikTok’s place."),
        ),
        (
            settings.PRODUCT_NAME == "Duecast",
            gettext(
                "PRODUCT_NAME is the software’s own name. TikTok wants a name of yours that equals "
                "the one of your TikTok app."
            ),
        ),
        (
            not settings.OPERATOR_NAME,
            gettext(
                "OPERATOR_NAME is empty: the Privacy Policy and the Terms must say who runs the "
                "site."
            ),
        ),
        (
            not settings.CONTACT_EMAIL,
            gettext(
                "CONTACT_EMAIL is empty: people need an address to write to, best on your own "
                "domain."
            ),
        ),
    ]
    return [words for is_missing, words in shortages if is_missing]
