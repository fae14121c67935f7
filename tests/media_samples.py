"""Small real videos and photos, made when a test asks for them.

Every function writes one file and returns its path. Pictures are moving colour fields, so a
rotated or wrongly sized frame can be told apart.
"""

import math
import multiprocessing
import os
import random
import struct
import zlib
from array import array
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import av.container
from PIL import Image, ImageCms, PngImagePlugin
from pillow_heif import register_heif_opener

register_heif_opener()
# What make_photo writes beside the picture and nobody else shall read.
NOTES = (b"Secret Camera", b"Secret City", b"Secret Thought")
BOX_HEADER_BYTES = 8
LARGE_BOX_HEADER_BYTES = 16


def make_video(
    path: Path,
    *,
    seconds: float = 1.0,
    width_px: int = 360,
    height_px: int = 640,
    frame_rate: int = 24,
    codec: str = "libx264",
    container_format: str | None = None,
    audio_codec: str | None = "aac",
    rotation_degrees: int = 0,
    mux_options: dict[str, str] | None = None,
    keyframe_every: int = 12,
) -> Path:
    """A video with a red upper half and a blue lower half, brighter with time."""
    with av.open(str(path), "w", format=container_format, options=mux_options) as container:
        video = container.add_stream(codec, rate=frame_rate)
        video.width, video.height, video.pix_fmt = width_px, height_px, "yuv420p"
        video.gop_size = keyframe_every
        video.options = _quick(codec)
        if rotation_degrees:
            video.set_display_rotation(rotation_degrees)
        sound = (
            container.add_stream(audio_codec, rate=48_000, layout="mono") if audio_codec else None
        )
        for number in range(round(seconds * frame_rate)):
            container.mux(video.encode(_frame(number, width_px, height_px)))
        container.mux(video.encode(None))
        if sound is not None:
            _add_sound(container, sound, seconds)
    return path


def make_av1(path: Path) -> Path:
    """In a process of its own: run as root, the encoder puts its process under real-time
    scheduling, and a whole test run that inherits that starves the machine."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(make_video, path, codec="libsvtav1").result()


def _quick(codec: str) -> dict[str, str]:
    if codec in {"libx264", "libx265"}:
        quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
        return {"preset": "ultrafast", "crf": "30", **quiet}
    if codec == "libsvtav1":
        return {"preset": "12"}
    return {"deadline": "realtime", "cpu-used": "8", "b": "200000"}


def _frame(number: int, width_px: int, height_px: int) -> av.VideoFrame:
    light = 120 + number % 120
    picture = Image.new("RGB", (width_px, height_px), (0, 0, light))
    picture.paste((light, 0, 0), (0, 0, width_px, height_px // 2))
    return av.VideoFrame.from_image(picture)


def _add_sound(
    container: av.container.OutputContainer, stream: av.AudioStream, seconds: float
) -> None:
    samples = 960
    wave = array("h", (round(3000 * math.sin(n * math.tau / 96)) for n in range(samples)))
    for start in range(0, int(seconds * 48_000), samples):
        frame = av.AudioFrame(format="s16", layout="mono", samples=samples)
        frame.planes[0].update(wave.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def make_mp4(path: Path, **overrides: object) -> Path:
    return make_video(path, **overrides)  # type: ignore[arg-type]


def make_rotated_mov(path: Path, **overrides: object) -> Path:
    """What a phone held upright records: a lying picture with a display matrix."""
    lying = {"width_px": 640, "height_px": 360, "rotation_degrees": 90, "container_format": "mov"}
    return make_video(path, **(lying | overrides))  # type: ignore[arg-type]


def make_hevc(path: Path) -> Path:
    return make_video(path, codec="libx265")


def make_webm(path: Path, **overrides: object) -> Path:
    vp9 = {"codec": "libvpx-vp9", "audio_codec": "libopus", "container_format": "webm"}
    return make_video(path, **(vp9 | overrides))  # type: ignore[arg-type]


def make_audio_only(path: Path) -> Path:
    with av.open(str(path), "w", format="mp4") as container:
        _add_sound(container, container.add_stream("aac", rate=48_000, layout="mono"), 1.0)
    return path


def make_truncated(path: Path, *, share: float = 0.5, **overrides: object) -> Path:
    """A fast-start video that lost its end: its head still claims the whole length."""
    is_mp4 = "container_format" not in overrides
    front = {"mux_options": {"movflags": "+faststart"}} if is_mp4 else {}
    make_video(path, seconds=4, **(front | overrides))  # type: ignore[arg-type]
    os.truncate(path, int(path.stat().st_size * share))
    return path


def make_empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def make_text(path: Path) -> Path:
    path.write_text("This is not a video.\n" * 50)
    return path


def make_playlist(path: Path, target: Path) -> Path:
    """A concat script: a text that makes a careless reader open other files."""
    path.write_text(f"ffconcat version 1.0\nfile '{target}'\n")
    return path


def make_padded_mp4(path: Path, *, size_bytes: int, **overrides: object) -> Path:
    """A valid MP4 of exactly `size_bytes`, its content unlike that of any other call.

    A short video is followed by one `free` box, which players skip (ISO 14496-12, 8.1.2). Only
    one random block is generated and repeated, so that hundreds of megabytes take a moment.
    """
    make_video(path, **overrides)  # type: ignore[arg-type]
    left = size_bytes - path.stat().st_size
    if left < LARGE_BOX_HEADER_BYTES:
        raise ValueError(f"{size_bytes} bytes are too few for this video")
    block = os.urandom(1_000_003)
    with path.open("ab") as file:
        file.write(struct.pack(">I4sQ", 1, b"free", left))
        left -= LARGE_BOX_HEADER_BYTES
        while left > 0:
            left -= file.write(block[:left])
    return path


def make_photo(
    path: Path,
    *,
    width_px: int = 400,
    height_px: int = 600,
    file_format: str = "JPEG",
    orientation: int = 1,
    **options: object,
) -> Path:
    """A photo with a red upper half, a green corner on the left, and notes as a camera writes them.

    They say how to turn it, with which camera and where it was taken.
    """
    picture = Image.new("RGB", (width_px, height_px), (30, 60, 200))
    picture.paste((200, 40, 40), (0, 0, width_px, height_px // 2))
    picture.paste((40, 160, 40), (0, 0, width_px // 4, height_px // 4))
    picture.save(path, file_format, **_notes(file_format, orientation), **options)
    return path


def _notes(file_format: str, orientation: int) -> dict[str, object]:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Secret Camera"
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\x00\x00\x00Secret Thought"
    place = {1: "N", 2: (52.0, 31.0, 12.5), 3: "E", 4: (13.0, 24.0, 36.0)}
    exif.get_ifd(0x8825).update(place)
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:City="Secret City"/>'
        "</rdf:RDF></x:xmpmeta>"
    )
    if file_format == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", xmp)
        texts.add_text("Comment", "Secret Thought")
        return {"exif": exif, "pnginfo": texts}
    comment = {"comment": b"Secret Thought"} if file_format == "JPEG" else {}
    return {"exif": exif.tobytes(), "xmp": xmp.encode(), **comment}


def make_heic(path: Path, **overrides: object) -> Path:
    return make_photo(path, file_format="HEIF", **overrides)  # type: ignore[arg-type]


def make_moving_picture(path: Path, file_format: str) -> Path:
    frames = [Image.new("RGB", (400, 600), colour) for colour in ("red", "blue", "green")]
    frames[0].save(path, file_format, save_all=True, append_images=frames[1:], duration=200)
    return path


def make_moving_heic(path: Path) -> Path:
    """A HEIC that claims to be a sequence (ISO 23008-12, brand msf1)."""
    content = make_heic(path).read_bytes()
    path.write_bytes(content.replace(b"ftypheic", b"ftypmsf1", 1))
    return path


def make_photo_with_depth(path: Path) -> Path:
    """A JPEG with a second picture in it, as phones write it for depth and brightness."""
    photo, depth = Image.new("RGB", (400, 600), (200, 40, 40)), Image.new("L", (100, 150))
    photo.save(path, "MPO", save_all=True, append_images=[depth])
    return path


def make_wide_photo(path: Path, file_format: str, colour: tuple[int, int, int]) -> Path:
    """A photo in Display P3 that looks like one of this sRGB colour; its numbers are others."""
    wide = _display_p3()
    picture = ImageCms.profileToProfile(
        Image.new("RGB", (400, 600), colour),
        ImageCms.createProfile("sRGB"),
        ImageCms.ImageCmsProfile(BytesIO(wide)),
    )
    assert picture is not None
    picture.save(path, file_format, icc_profile=wide)
    return path


def _display_p3() -> bytes:
    """A profile of primaries and one curve (ICC.1:2001-04), which is all that a phone's says."""
    sides = {"wtpt": (0.96420, 1.0, 0.82491), "rXYZ": (0.51512, 0.24120, -0.00105)}
    sides |= {"gXYZ": (0.29198, 0.69225, 0.04189), "bXYZ": (0.15710, 0.06657, 0.78407)}
    tags = {
        name: b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(number * 65_536) for number in side))
        for name, side in sides.items()
    }
    tags |= dict.fromkeys(("rTRC", "gTRC", "bTRC"), struct.pack(">4s2IH2x", b"curv", 0, 1, 563))
    place = 132 + 12 * len(tags)
    table, content = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += struct.pack(">4s2I", name.encode(), place + len(content), len(tag))
        content += tag
    size = place + len(content)
    head = struct.pack(">2I", size, 0) + b"\x02\x10\0\0mntrRGB XYZ " + bytes(12) + b"acsp"
    white = struct.pack(">3i", 63_190, 65_536, 54_061)
    return (head.ljust(68, b"\0") + white).ljust(128, b"\0") + table + content


def make_endless_jpeg(path: Path, *, scans: int = 20_000) -> Path:
    """A small file whose last scan is repeated so often that reading it takes minutes."""
    Image.new("RGB", (4000, 4000), (200, 40, 40)).save(path, "JPEG", progressive=True)
    content = path.read_bytes()
    last = content[content.rindex(b"\xff\xda") : -2]
    path.write_bytes(content[:-2] + last * scans + b"\xff\xd9")
    return path


def make_text_bomb(path: Path) -> Path:
    """A PNG with a text that unpacks to a hundred times its size."""
    content = make_photo(path, file_format="PNG").read_bytes()
    body = b"zTXtnote\0\0" + zlib.compress(bytes(100_000_000))
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end_of_head = 33
    path.write_bytes(content[:end_of_head] + chunk + content[end_of_head:])
    return path


def make_noise(path: Path) -> Path:
    path.write_bytes(random.Random(7).randbytes(200_000))
    return path


def make_headless(path: Path) -> Path:
    """A video with its index at the end, cut in the middle: the index is gone."""
    make_video(path)
    os.truncate(path, path.stat().st_size // 2)
    return path


def make_live_webm(path: Path, *, seconds: float) -> Path:
    """What a browser records: a WebM that does not say how long it is."""
    return make_webm(path, seconds=seconds, mux_options={"live": "1"})
