import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from PIL import Image

from accounts.models import Team
from publishing.media.intake import MediaRefused, clean_name, keep_upload
from publishing.media.storage import hash_file
from publishing.models import MediaAsset, MediaKind
from tests import media_samples
from tests.factories import make_team, make_user

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


@pytest.fixture(autouse=True)
def incoming(settings: Any, tmp_path: Path) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


def uploaded(path: Path, name: str = "clip.mp4") -> TemporaryUploadedFile:
    """The file as Django hands over a finished upload."""
    upload = TemporaryUploadedFile(name, "application/octet-stream", path.stat().st_size, None)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            upload.write(block)
    upload.seek(0)
    return upload


def kept_files(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_video_is_kept_byte_for_byte(team: Team, tmp_path: Path) -> None:
    path = media_samples.make_padded_mp4(tmp_path / "a.mp4", size_bytes=3_000_000)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()

    asset = keep_upload(team, make_user(), uploaded(path), NOW)

    assert hashlib.sha256(Path(asset.file.path).read_bytes()).hexdigest() == digest
    assert (asset.sha256, asset.size_bytes) == (digest, 3_000_000)


def test_row_holds_what_was_measured(team: Team, tmp_path: Path) -> None:
    person = make_user()
    path = media_samples.make_rotated_mov(tmp_path / "a.mov")

    asset = keep_upload(team, person, uploaded(path, "Ferien.MOV"), NOW)

    kept = MediaAsset.objects.get(pk=asset.pk)
    assert (kept.team, kept.uploaded_by, kept.kind) == (team, person, "video")
    assert (kept.original_name, kept.content_type) == ("Ferien.MOV", "video/quicktime")
    assert (kept.codec, kept.width_px, kept.height_px) == ("h264", 360, 640)
    assert (kept.rotation_degrees, kept.has_audio, kept.created_at) == (270, True, NOW)
    assert kept.file.name.endswith(".mov")


def test_poster_lies_beside_the_video(team: Team, tmp_path: Path) -> None:
    asset = keep_upload(
        team, make_user(), uploaded(media_samples.make_mp4(tmp_path / "a.mp4")), NOW
    )

    with Image.open(asset.poster.path) as poster:
        assert (poster.format, poster.size) == ("JPEG", (360, 640))
    assert Path(asset.poster.path).parent == Path(asset.file.path).parent


def test_finished_upload_is_moved_not_copied(team: Team, tmp_path: Path) -> None:
    upload = uploaded(media_samples.make_mp4(tmp_path / "a.mp4"))
    inode = Path(upload.temporary_file_path()).stat().st_ino

    asset = keep_upload(team, make_user(), upload, NOW)

    assert Path(asset.file.path).stat().st_ino == inode
    assert not Path(upload.temporary_file_path()).exists()


def test_upload_in_memory_is_written_out(team: Team, tmp_path: Path) -> None:
    content = media_samples.make_mp4(tmp_path / "a.mp4").read_bytes()

    asset = keep_upload(team, make_user(), SimpleUploadedFile("a.mp4", content), NOW)

    assert Path(asset.file.path).read_bytes() == content


def test_others_on_the_machine_cannot_read_the_file(team: Team, tmp_path: Path) -> None:
    asset = keep_upload(
        team, make_user(), uploaded(media_samples.make_mp4(tmp_path / "a.mp4")), NOW
    )

    assert Path(asset.file.path).stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "make",
    [
        media_samples.make_empty,
        media_samples.make_text,
        media_samples.make_truncated,
        media_samples.make_audio_only,
        media_samples.make_noise,
    ],
)
def test_nothing_of_a_refused_file_stays(
    team: Team, tmp_path: Path, settings: Any, make: Any
) -> None:
    with pytest.raises(MediaRefused) as caught:
        keep_upload(team, make_user(), uploaded(make(tmp_path / "a.mp4")), NOW)

    assert len(caught.value.problems) == 1
    assert kept_files(settings) == []
    assert not MediaAsset.objects.exists()


def test_nothing_stays_when_tiktok_would_refuse(team: Team, tmp_path: Path, settings: Any) -> None:
    path = media_samples.make_mp4(tmp_path / "a.mp4", width_px=320, height_px=240, frame_rate=12)

    with pytest.raises(MediaRefused) as caught:
        keep_upload(team, make_user(), uploaded(path), NOW)

    assert len(caught.value.problems) == 2
    assert kept_files(settings) == []


def test_av1_is_refused(team: Team, tmp_path: Path) -> None:
    path = media_samples.make_av1(tmp_path / "a.mp4")

    with pytest.raises(MediaRefused) as caught:
        keep_upload(team, make_user(), uploaded(path), NOW)

    (problem,) = caught.value.problems
    assert "encoded as AV1; TikTok takes H.264, H.265, VP8 and VP9" in problem


@pytest.mark.parametrize(
    ("video", "words"),
    [
        ({"codec": "mpeg4"}, "encoded as MPEG4; TikTok takes H.264"),
        ({"container_format": "matroska"}, "a MATROSKA file; TikTok takes MP4, MOV and WebM"),
        ({"frame_rate": 22}, "22 pictures per second; TikTok takes 23 to 60"),
        ({"frame_rate": 61}, "61 pictures per second; TikTok takes 23 to 60"),
        ({"width_px": 358}, "358 × 640 pixels; TikTok takes 360 to 4096"),
        ({"height_px": 4098}, "360 × 4098 pixels; TikTok takes 360 to 4096"),
    ],
)
def test_real_video_that_tiktok_does_not_take_is_refused(
    team: Team, tmp_path: Path, video: dict[str, object], words: str
) -> None:
    path = media_samples.make_mp4(tmp_path / "a.mp4", **video)

    with pytest.raises(MediaRefused) as caught:
        keep_upload(team, make_user(), uploaded(path), NOW)

    (problem,) = caught.value.problems
    assert words in problem
    assert "Export it" in problem


@pytest.mark.parametrize(
    "video",
    [
        {"frame_rate": 23},
        {"frame_rate": 60},
        {"width_px": 4096, "height_px": 360, "seconds": 0.3},
        {"codec": "libx265"},
        {"codec": "libvpx", "audio_codec": "libopus", "container_format": "webm"},
    ],
)
def test_real_video_at_the_edge_is_kept(
    team: Team, tmp_path: Path, video: dict[str, object]
) -> None:
    path = media_samples.make_mp4(tmp_path / "a.mp4", **video)

    assert keep_upload(team, make_user(), uploaded(path), NOW).pk


@pytest.mark.parametrize("name", ["clip.jpg", "clip.txt", "clip", "clip.webm"])
def test_wrong_ending_changes_nothing(team: Team, tmp_path: Path, name: str) -> None:
    upload = uploaded(media_samples.make_mp4(tmp_path / "a.mp4"), name)

    assert keep_upload(team, make_user(), upload, NOW).content_type == "video/mp4"


@pytest.mark.parametrize("make", [media_samples.make_photo, media_samples.make_heic])
def test_photo_is_no_video(team: Team, tmp_path: Path, make: Any) -> None:
    with pytest.raises(MediaRefused, match="not a video that Duecast can read"):
        keep_upload(team, make_user(), uploaded(make(tmp_path / "a.mp4")), NOW)


def test_photo_over_the_limit_is_refused_unread(team: Team) -> None:
    upload = SimpleUploadedFile("a.jpg", b"no photo")
    upload.size = 61_000_000

    with pytest.raises(
        MediaRefused, match="has 61 MB; this installation takes photos of at most 5"
    ):
        keep_upload(team, make_user(), upload, NOW, MediaKind.PHOTO)


def test_finished_upload_becomes_a_photo(team: Team, tmp_path: Path) -> None:
    upload = uploaded(media_samples.make_photo(tmp_path / "a.jpg"), "a.jpg")

    asset = keep_upload(team, make_user(), upload, NOW, MediaKind.PHOTO)

    assert (asset.kind, asset.width_px, asset.height_px) == ("photo", 400, 600)


@pytest.mark.parametrize("kind", MediaKind)
def test_nameless_file_is_named_after_its_kind(kind: MediaKind) -> None:
    assert clean_name("\x00/", kind) == kind.value


def test_nothing_stays_when_the_row_cannot_be_written(
    team: Team, tmp_path: Path, settings: Any
) -> None:
    upload = uploaded(media_samples.make_mp4(tmp_path / "a.mp4"))
    gone = Team(pk=None, name="Never saved")

    with pytest.raises(ValueError, match="unsaved related object"):
        keep_upload(gone, make_user(), upload, NOW)

    assert kept_files(settings) == []


def test_file_over_this_installations_limit_is_refused_unread(
    team: Team, tmp_path: Path, settings: Any
) -> None:
    settings.MAX_UPLOAD_BYTES = 1_000_000
    upload = uploaded(media_samples.make_padded_mp4(tmp_path / "a.mp4", size_bytes=2_000_000))

    with pytest.raises(MediaRefused, match="this installation takes at most 1 MB"):
        keep_upload(team, make_user(), upload, NOW)


@pytest.mark.parametrize("kind", MediaKind)
def test_full_disk_is_said_in_words(team: Team, kind: MediaKind) -> None:
    class Full(SimpleUploadedFile):
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            raise OSError(28, "No space left on device")

    with pytest.raises(MediaRefused, match="no room left on the server"):
        keep_upload(team, make_user(), Full("a.mp4", b"some bytes"), NOW, kind)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("C:\\Users\\me\\clip.mp4", "clip.mp4"),
        ("../../etc/passwd.mp4", "passwd.mp4"),
        ("a\x00b\n.mp4", "ab.mp4"),
        ("n" * 400 + ".mp4", "n" * 251 + ".mp4"),
    ],
)
def test_name_is_kept_clean(team: Team, tmp_path: Path, name: str, kept: str) -> None:
    upload = uploaded(media_samples.make_mp4(tmp_path / "a.mp4"))
    upload._name = name  # past Django's own cleaning

    asset = keep_upload(team, make_user(), upload, NOW)

    assert asset.original_name == kept


def test_strange_ending_never_reaches_the_disk(team: Team, tmp_path: Path) -> None:
    upload = uploaded(media_samples.make_mp4(tmp_path / "a.mp4"), "clip.html")

    asset = keep_upload(team, make_user(), upload, NOW)

    assert Path(asset.file.path).suffix == ""


def test_padded_samples_differ(tmp_path: Path) -> None:
    first = media_samples.make_padded_mp4(tmp_path / "a.mp4", size_bytes=2_000_000)
    second = media_samples.make_padded_mp4(tmp_path / "b.mp4", size_bytes=2_000_000)

    assert hash_file(first) != hash_file(second)
