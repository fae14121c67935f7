from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Team
from publishing.media.intake import MediaRefused, keep_photo
from publishing.models import MediaAsset
from tests import media_samples
from tests.factories import make_team, make_user

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


def keep(team: Team, path: Path) -> MediaAsset:
    upload = SimpleUploadedFile(path.name, path.read_bytes())
    return keep_photo(team, make_user(), upload, NOW)


def test_lying_photo_is_turned_upright(team: Team, tmp_path: Path) -> None:
    path = media_samples.make_photo(tmp_path / "a.jpg", orientation=6)

    asset = keep(team, path)

    with Image.open(asset.file.path) as kept:
        assert kept.size == (600, 400)
        assert kept.getpixel((590, 200))[0] > 150  # the red half is on the right
    assert (asset.width_px, asset.height_px) == (600, 400)


def test_place_and_camera_are_removed(team: Team, tmp_path: Path) -> None:
    asset = keep(team, media_samples.make_photo(tmp_path / "a.jpg"))

    with Image.open(asset.file.path) as kept:
        assert not kept.getexif()


@pytest.mark.parametrize(
    ("file_format", "content_type"),
    [("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("PNG", "image/jpeg")],
)
def test_photo_becomes_what_tiktok_takes(
    team: Team, tmp_path: Path, file_format: str, content_type: str
) -> None:
    path = media_samples.make_photo(tmp_path / "a", file_format=file_format)

    asset = keep(team, path)

    with Image.open(asset.file.path) as kept:
        assert kept.get_format_mimetype() == content_type
    assert asset.content_type == content_type


@pytest.mark.parametrize(
    ("sides", "kept_sides"),
    [((2160, 3840), (1080, 1920)), ((3000, 2000), (1620, 1080)), ((1254, 1254), (1080, 1080))],
)
def test_large_photo_is_made_smaller(
    team: Team, tmp_path: Path, sides: tuple[int, int], kept_sides: tuple[int, int]
) -> None:
    path = media_samples.make_photo(tmp_path / "a.jpg", width_px=sides[0], height_px=sides[1])

    asset = keep(team, path)

    assert (asset.width_px, asset.height_px) == kept_sides


def test_bomb_is_refused_before_it_is_unpacked(team: Team, tmp_path: Path, settings: Any) -> None:
    bomb = BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    (tmp_path / "bomb.png").write_bytes(bomb.getvalue())

    with pytest.raises(MediaRefused, match="million pixels"):
        keep(team, tmp_path / "bomb.png")

    assert not list(Path(settings.MEDIA_ROOT).rglob("*.jpg"))


@pytest.mark.parametrize("make", [media_samples.make_text, media_samples.make_empty])
def test_other_file_is_refused(team: Team, tmp_path: Path, make: Any) -> None:
    with pytest.raises(MediaRefused, match="not a photo that TikTok takes"):
        keep(team, make(tmp_path / "a.jpg"))


def test_photo_without_its_end_is_refused(team: Team, tmp_path: Path) -> None:
    path = media_samples.make_photo(tmp_path / "a.jpg")
    path.write_bytes(path.read_bytes()[:1500])

    with pytest.raises(MediaRefused, match="damaged"):
        keep(team, path)


def test_poster_of_a_photo_is_small(team: Team, tmp_path: Path) -> None:
    asset = keep(team, media_samples.make_photo(tmp_path / "a.jpg", width_px=900, height_px=1600))

    with Image.open(asset.poster.path) as poster:
        assert poster.size == (360, 640)
