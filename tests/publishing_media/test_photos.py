import json
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageChops, ImageOps, ImageStat

from accounts.models import Team
from publishing.media.child import Limits
from publishing.media.intake import MediaRefused, keep_upload
from publishing.media.photos import LIMITS, DevelopFailed, Photo, develop_photo
from publishing.models import MediaAsset, MediaKind
from tests import media_samples
from tests.factories import make_team, make_user

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
FORMATS = ["JPEG", "WEBP", "PNG", "HEIF"]
MEGABYTE = 1_000_000


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


@pytest.fixture(autouse=True)
def incoming(settings: Any, tmp_path: Path) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


def keep(team: Team, path: Path) -> MediaAsset:
    upload = SimpleUploadedFile(path.name, path.read_bytes())
    return keep_upload(team, make_user(), upload, NOW, MediaKind.PHOTO)


def develop(source: Path, limits: Limits = LIMITS) -> Photo:
    """The developed photo lies beside the source as `kept`, its small picture as `small`."""
    folder = source.parent
    return develop_photo(source, folder / "kept", folder / "small", limits)


def refusal_of(source: Path, limits: Limits = LIMITS) -> DevelopFailed:
    with pytest.raises(DevelopFailed) as caught:
        develop(source, limits)
    return caught.value


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of all pixels and channels, 0 to 255."""
    stat = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return max(stat.mean)


def test_row_holds_the_photo_as_it_is_kept(team: Team, tmp_path: Path) -> None:
    path = media_samples.make_photo(tmp_path / "Ferien.JPG", orientation=6)

    asset = keep(team, path)

    kept = MediaAsset.objects.get(pk=asset.pk)
    assert (kept.kind, kept.original_name, kept.content_type) == (
        "photo",
        "Ferien.JPG",
        "image/jpeg",
    )
    assert (kept.width_px, kept.height_px, kept.duration_ms) == (600, 400, None)
    assert kept.size_bytes == Path(kept.file.path).stat().st_size
    assert kept.file.name.endswith(".jpg")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photo_is_turned_upright(tmp_path: Path, orientation: int) -> None:
    path = media_samples.make_photo(tmp_path / "a.jpg", orientation=orientation)

    develop(path)

    with Image.open(path) as source, Image.open(tmp_path / "kept") as kept:
        upright = ImageOps.exif_transpose(source)
        assert kept.size == upright.size == ((400, 600) if orientation < 5 else (600, 400))
        assert difference(kept, upright) < 2


def test_heic_is_turned_upright(tmp_path: Path) -> None:
    develop(media_samples.make_heic(tmp_path / "a.heic", orientation=6))

    with Image.open(tmp_path / "kept") as kept:
        assert kept.size == (600, 400)
        red, green, _ = kept.getpixel((590, 10))
    assert green > 120 > red


@pytest.mark.parametrize("file_format", FORMATS)
def test_nothing_the_camera_wrote_is_left(tmp_path: Path, file_format: str) -> None:
    path = media_samples.make_photo(tmp_path / "a", file_format=file_format)
    with Image.open(path) as source:
        assert source.getexif().get_ifd(0x8825)[4] == (13.0, 24.0, 36.0)
    assert all(note in path.read_bytes() for note in media_samples.NOTES)

    develop(path)

    content = (tmp_path / "kept").read_bytes() + (tmp_path / "small").read_bytes()
    assert not any(note in content for note in (*media_samples.NOTES, b"Exif", b"xmp"))


def jpeg_segments(content: bytes) -> Iterator[int]:
    at = 2
    while content[at + 1] != 0xDA:
        yield content[at + 1]
        at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])


def test_jpeg_holds_its_picture_and_nothing_else(tmp_path: Path) -> None:
    develop(media_samples.make_wide_photo(tmp_path / "a.jpg", "JPEG", (90, 90, 90)))

    content = (tmp_path / "kept").read_bytes()
    app0, quantization, huffman, baseline = 0xE0, 0xDB, 0xC4, 0xC0
    assert set(jpeg_segments(content)) == {app0, quantization, huffman, baseline}
    assert content[6:10] == b"JFIF"
    assert content.endswith(b"\xff\xd9")


def test_webp_holds_its_picture_and_nothing_else(tmp_path: Path) -> None:
    develop(media_samples.make_photo(tmp_path / "a.webp", file_format="WEBP"))

    content = (tmp_path / "kept").read_bytes()
    assert content[8:16] == b"WEBPVP8 "
    assert struct.unpack("<I", content[16:20])[0] == len(content) - 20


@pytest.mark.parametrize(
    ("file_format", "content_type"),
    [
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("PNG", "image/jpeg"),
        ("HEIF", "image/jpeg"),
    ],
)
def test_photo_becomes_what_tiktok_takes(
    team: Team, tmp_path: Path, file_format: str, content_type: str
) -> None:
    path = media_samples.make_photo(tmp_path / "photo.gif", file_format=file_format)

    asset = keep(team, path)

    with Image.open(asset.file.path) as kept, Image.open(path) as source:
        assert kept.get_format_mimetype() == content_type
        assert difference(kept, source) < 2
    assert asset.content_type == content_type
    assert asset.file.name.endswith({"image/jpeg": ".jpg", "image/webp": ".webp"}[content_type])


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_colours_stay_when_their_profile_goes(tmp_path: Path, file_format: str) -> None:
    seen = (230, 60, 40)
    path = media_samples.make_wide_photo(tmp_path / "a", file_format, seen)
    with Image.open(path) as source:
        assert source.convert("RGB").getpixel((200, 300))[0] < 220

    develop(path)

    with Image.open(tmp_path / "kept") as kept:
        assert "icc_profile" not in kept.info
        assert kept.getpixel((200, 300)) == pytest.approx(seen, abs=4)


@pytest.mark.parametrize("profile", [b"no profile at all", b"\0" * 200])
def test_broken_colour_profile_is_ignored(tmp_path: Path, profile: bytes) -> None:
    path = media_samples.make_photo(tmp_path / "a.jpg", icc_profile=profile)

    develop(path)

    with Image.open(tmp_path / "kept") as kept, Image.open(path) as source:
        assert difference(kept, source) < 2


def test_broken_notes_are_no_reason_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (400, 600), "red").save(path, exif=b"Exif\0\0no notes at all")

    assert develop(path) == Photo("image/jpeg", 400, 600)


@pytest.mark.parametrize(
    ("sides", "kept_sides"),
    [
        ((2160, 3840), (1080, 1920)),
        ((3000, 2000), (1620, 1080)),
        ((1254, 1254), (1080, 1080)),
        ((1080, 1920), (1080, 1920)),
        ((1920, 1080), (1920, 1080)),
        ((1081, 1920), (1080, 1918)),
        ((400, 600), (400, 600)),
        ((4000, 10), (1920, 5)),
    ],
)
def test_large_photo_is_made_smaller(
    tmp_path: Path, sides: tuple[int, int], kept_sides: tuple[int, int]
) -> None:
    path = media_samples.make_photo(tmp_path / "a.jpg", width_px=sides[0], height_px=sides[1])

    photo = develop(path)

    assert (photo.width_px, photo.height_px) == kept_sides


def test_turned_photo_is_measured_upright(tmp_path: Path) -> None:
    path = media_samples.make_photo(
        tmp_path / "a.jpg", width_px=3840, height_px=2160, orientation=8
    )

    assert develop(path) == Photo("image/jpeg", 1080, 1920)


def test_heic_in_tiles_is_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pillow_heif.options, "GRID_TILE_SIZE", 512)
    path = media_samples.make_heic(tmp_path / "a.heic", width_px=1512, height_px=2016)

    develop(path)

    with Image.open(path) as source, Image.open(tmp_path / "kept") as kept:
        assert kept.size == (1080, 1440)
        assert difference(kept, source.resize(kept.size)) < 2


def test_of_several_pictures_in_a_heic_the_main_one_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    frames = [Image.new("RGB", (300, 300), "blue"), Image.new("RGB", (400, 600), "red")]
    frames[0].save(path, "HEIF", save_all=True, append_images=frames[1:], primary_index=1)

    assert develop(path) == Photo("image/jpeg", 400, 600)


def test_photo_with_a_depth_map_is_still(tmp_path: Path) -> None:
    path = media_samples.make_photo_with_depth(tmp_path / "a.jpg")

    assert develop(path) == Photo("image/jpeg", 400, 600)


def test_what_shines_through_is_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (400, 600), (0, 0, 0, 0))
    picture.paste((200, 40, 40, 255), (0, 0, 400, 300))
    picture.save(tmp_path / "a.png")

    develop(tmp_path / "a.png")

    with Image.open(tmp_path / "kept") as kept:
        assert kept.getpixel((200, 500)) == (255, 255, 255)
        assert kept.getpixel((200, 100)) == pytest.approx((200, 40, 40), abs=3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_other_kinds_of_pixels_look_the_same(tmp_path: Path, mode: str) -> None:
    grey = Image.new("L", (400, 600), 255)
    grey.paste(0 if mode == "1" else 96, (0, 0, 400, 300))
    if mode == "I;16":
        content = b"".join(
            (grey.getpixel((0, y)) * 257).to_bytes(2, "little") * 400 for y in range(600)
        )
        picture = Image.frombytes(mode, grey.size, content)
    else:
        picture = grey.convert(mode)
    picture.save(tmp_path / "a", "JPEG" if mode == "CMYK" else "PNG")

    develop(tmp_path / "a")

    with Image.open(tmp_path / "kept") as kept:
        assert difference(kept, grey) < 2


def test_any_photo_stays_below_tiktoks_size(tmp_path: Path) -> None:
    # Noise is what compresses worst.
    Image.effect_noise((1080, 1920), 200).convert("RGB").save(tmp_path / "a.png")

    develop(tmp_path / "a.png")

    assert MEGABYTE < (tmp_path / "kept").stat().st_size < 20 * MEGABYTE


def test_poster_of_a_photo_is_small(team: Team, tmp_path: Path) -> None:
    asset = keep(team, media_samples.make_photo(tmp_path / "a.jpg", width_px=900, height_px=1600))

    with Image.open(asset.poster.path) as poster:
        assert (poster.format, poster.size) == ("JPEG", (360, 640))


def test_others_on_the_machine_cannot_read_the_photo(team: Team, tmp_path: Path) -> None:
    asset = keep(team, media_samples.make_photo(tmp_path / "a.jpg"))

    for path in (asset.file.path, asset.poster.path):
        assert Path(path).stat().st_mode & 0o777 == 0o640


def test_original_does_not_stay(team: Team, tmp_path: Path, incoming: Path, settings: Any) -> None:
    keep(team, media_samples.make_photo(tmp_path / "a.jpg"))

    assert list(incoming.iterdir()) == []
    kept = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert not any(b"Secret" in path.read_bytes() for path in kept)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (media_samples.make_empty, "empty"),
        (media_samples.make_text, "not_a_photo"),
        (media_samples.make_noise, "not_a_photo"),
        (media_samples.make_mp4, "not_a_photo"),
        (media_samples.make_moving_heic, "moves"),
        (media_samples.make_text_bomb, "damaged"),
    ],
)
def test_file_that_is_no_photo_is_refused(tmp_path: Path, make: Any, code: str) -> None:
    # make_mp4 tells the container by the name.
    path = make(tmp_path / ("a.mp4" if make is media_samples.make_mp4 else "a.jpg"))

    assert refusal_of(path).code == code


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_moving_picture_is_refused(tmp_path: Path, file_format: str) -> None:
    path = media_samples.make_moving_picture(tmp_path / "a.jpg", file_format)

    assert refusal_of(path).code == "moves"


def test_gif_is_no_photo_that_tiktok_takes(tmp_path: Path) -> None:
    path = media_samples.make_moving_picture(tmp_path / "a.jpg", "GIF")

    assert refusal_of(path).code == "not_a_photo"


def test_hdr_photo_is_refused_rather_than_faded(tmp_path: Path) -> None:
    path = media_samples.make_heic(
        tmp_path / "a.heic", transfer_characteristics=16, color_primaries=9
    )

    failure = refusal_of(path)

    assert failure.code == "hdr"
    assert "Save it as JPEG" in failure.reason


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("file_format", [*FORMATS, "progressive"])
def test_photo_without_its_end_is_refused(tmp_path: Path, file_format: str, share: float) -> None:
    path = tmp_path / "a.jpg"
    picture = Image.effect_noise((600, 900), 60).convert("RGB")
    if file_format == "progressive":
        picture.save(path, "JPEG", progressive=True)
    else:
        picture.save(path, file_format)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])

    failure = refusal_of(path)

    assert failure.code in {"damaged", "not_a_photo"}
    assert "incomplete" in failure.reason or "only a part" in failure.reason


def test_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    (tmp_path / "bomb.png").write_bytes(bomb.getvalue())

    failure = refusal_of(tmp_path / "bomb.png", Limits(400 * MEGABYTE, MEGABYTE))

    assert failure.reason == (
        "This photo has more than 60 million pixels. Make it smaller and upload it again."
    )


def test_heic_that_claims_a_giant_picture_is_refused(tmp_path: Path) -> None:
    path = media_samples.make_heic(tmp_path / "a.heic")
    sides, giant = struct.pack(">2I", 400, 600), struct.pack(">2I", 30_000, 30_000)
    content = path.read_bytes()
    assert content.count(b"ispe\0\0\0\0" + sides) == 1
    path.write_bytes(content.replace(sides, giant, 1))

    assert refusal_of(path).code == "too_many_pixels"


def test_photo_that_keeps_the_processor_busy_is_ended(tmp_path: Path) -> None:
    path = media_samples.make_endless_jpeg(tmp_path / "a.jpg")
    assert path.stat().st_size < 50 * MEGABYTE

    assert refusal_of(path, Limits(LIMITS.memory_bytes, MEGABYTE, cpu_s=2)).code == "crashed"


def test_too_little_memory_ends_only_the_child(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGBA", (6000, 6000), (200, 40, 40, 100)).save(path)

    failure = refusal_of(path, Limits(150 * MEGABYTE, MEGABYTE))

    assert failure.code in {"too_heavy", "crashed"}
    assert develop(path) == Photo("image/jpeg", 1080, 1080)


def test_photo_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = media_samples.make_photo(tmp_path / "a.jpg")

    limits = Limits(LIMITS.memory_bytes, MEGABYTE, wall_s=0.001)

    assert refusal_of(path, limits).code == "too_slow"


@pytest.mark.parametrize(
    "photo",
    [
        {"content_type": "text/html", "width_px": 1, "height_px": 1},
        {"content_type": "image/jpeg", "width_px": 1081, "height_px": 1081},
        {"content_type": "image/jpeg", "width_px": 0, "height_px": 1},
        {"content_type": "image/jpeg", "width_px": "1", "height_px": 1},
        {"content_type": "image/jpeg", "width_px": 1},
        [],
    ],
)
def test_answer_of_another_shape_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photo: object
) -> None:
    bad = tmp_path / "child.py"
    bad.write_text(f"print({json.dumps({'photo': photo})!r})")
    monkeypatch.setattr("publishing.media.photos.CHILD", bad)

    assert refusal_of(media_samples.make_photo(tmp_path / "a.jpg")).code == "crashed"


@pytest.mark.parametrize(
    "make", [media_samples.make_empty, media_samples.make_text, media_samples.make_text_bomb]
)
def test_nothing_of_a_refused_photo_stays(
    team: Team, tmp_path: Path, settings: Any, incoming: Path, make: Any
) -> None:
    before = set(Path(settings.MEDIA_ROOT).rglob("*.jpg"))

    with pytest.raises(MediaRefused) as caught:
        keep(team, make(tmp_path / "a.jpg"))

    assert len(caught.value.problems) == 1
    assert set(Path(settings.MEDIA_ROOT).rglob("*.jpg")) == before
    assert list(incoming.iterdir()) == []
    assert not MediaAsset.objects.exists()
