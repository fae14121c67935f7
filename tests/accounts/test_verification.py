import pytest
from django.utils.timezone import now as current_moment

from accounts.models import SiteVerification
from accounts.verification import NotAToken, add_verification, file_body, read_token
from tests.factories import make_member


@pytest.mark.parametrize(
    "text",
    [
        "AbCdEf123456",
        "tiktokAbCdEf123456.txt",
        "tiktok-developers-site-verification=AbCdEf123456",
        "  tiktok-developers-site-verification=AbCdEf123456\n",
    ],
)
def test_a_token_is_read_in_every_form_tiktok_shows_it(text):
    assert read_token(text) == "AbCdEf123456"


@pytest.mark.parametrize(
    "text",
    ["", "short", "AbCdEf 123456", "<script>", "tiktok../../x.txt", "ä" * 12, "a" * 101],
)
def test_anything_else_is_no_token(text):
    with pytest.raises(NotAToken):
        read_token(text)


@pytest.mark.django_db
def test_the_same_token_twice_is_one_file():
    member = make_member()

    for _ in range(2):
        add_verification("AbCdEf123456", member, current_moment())

    assert SiteVerification.objects.count() == 1


@pytest.mark.django_db
def test_an_unknown_token_has_no_body():
    assert file_body("AbCdEf123456") is None
