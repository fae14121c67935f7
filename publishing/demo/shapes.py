"""The few shapes that the demo's films are made of: soft, flat, drawn large and scaled down."""

import math
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

WIDTH_PX, HEIGHT_PX = 720, 1280
# Shapes are drawn at twice their size: Pillow does not smooth edges by itself.
SCALE = 2

Picture = Image.Image
Place = Callable[[float], tuple[float, float]]


def gradient(top: str, bottom: str, middle: str | None = None) -> Picture:
    """A full frame that runs from `top` to `bottom`."""
    ramp = Image.linear_gradient("L").resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BICUBIC)
    return ImageOps.colorize(ramp, top, bottom, middle)


def canvas(width_px: int, height_px: int) -> tuple[Picture, ImageDraw.ImageDraw]:
    """A transparent picture at SCALE and its pen."""
    picture = Image.new("RGBA", (width_px * SCALE, height_px * SCALE), (0, 0, 0, 0))
    return picture, ImageDraw.Draw(picture)


def smooth(picture: Picture) -> Picture:
    """The picture at its real size."""
    size = (picture.width // SCALE, picture.height // SCALE)
    return picture.resize(size, Image.Resampling.LANCZOS)


def scaled(*numbers: float) -> list[float]:
    return [number * SCALE for number in numbers]


def disc(radius_px: int, colour: str) -> Picture:
    picture, pen = canvas(radius_px * 2, radius_px * 2)
    pen.ellipse(scaled(1, 1, radius_px * 2 - 1, radius_px * 2 - 1), fill=colour)
    return smooth(picture)


def glow(radius_px: int, colour: str, strength: float) -> Picture:
    """A disc of light that fades out to its rim."""
    light = ImageOps.invert(Image.radial_gradient("L")).resize((radius_px * 2, radius_px * 2))
    picture = Image.new("RGBA", light.size, colour)
    # The radial gradient reaches the corners; only its inner disc is wanted.
    picture.putalpha(light.point(lambda level: max(0, (level - 75)) * strength))
    return picture


def shadow(width_px: int, height_px: int, strength: int) -> Picture:
    """A soft dark ellipse to stand things on."""
    edge = 40
    mask = Image.new("L", (width_px + edge * 2, height_px + edge * 2), 0)
    ImageDraw.Draw(mask).ellipse((edge, edge, edge + width_px, edge + height_px), fill=strength)
    picture = Image.new("RGBA", mask.size, "#1b1210")
    picture.putalpha(mask.filter(ImageFilter.GaussianBlur(16)))
    return picture


@cache
def bean(length_px: int, colour: str, groove: str) -> Picture:
    """A coffee bean, lying."""
    width = round(length_px * 0.68)
    picture, pen = canvas(length_px, width)
    pen.ellipse(scaled(1, 1, length_px - 1, width - 1), fill=colour)
    points = [
        (x * SCALE, (width / 2 + math.sin(x / length_px * math.tau) * width * 0.09) * SCALE)
        for x in range(round(length_px * 0.06), round(length_px * 0.95))
    ]
    pen.line(points, fill=groove, width=round(length_px * 0.07) * SCALE, joint="curve")
    return smooth(picture)


def cup(colour: str, shade: str, inside: str) -> Picture:
    """A cup from the side, with its handle, on a saucer."""
    picture, pen = canvas(420, 330)
    pen.ellipse(scaled(270, 60, 400, 210), outline=colour, width=26 * SCALE)
    pen.ellipse(scaled(20, 262, 360, 318), fill=shade)
    pen.ellipse(scaled(30, 258, 350, 304), fill=colour)
    pen.rounded_rectangle(scaled(50, 20, 330, 280), radius=110 * SCALE, fill=colour)
    pen.rectangle(scaled(50, 20, 330, 120), fill=colour)
    side = Image.new("L", picture.size, 0)
    ImageDraw.Draw(side).rounded_rectangle(scaled(235, 20, 330, 280), radius=60 * SCALE, fill=110)
    side = side.filter(ImageFilter.GaussianBlur(28 * SCALE))
    shaded = Image.new("RGBA", picture.size, shade)
    shaded.putalpha(ImageChops.multiply(side, picture.getchannel("A")))
    picture.alpha_composite(shaded)
    pen.ellipse(scaled(50, -8, 330, 48), fill=shade)
    pen.ellipse(scaled(62, 0, 318, 42), fill=inside)
    return smooth(picture)


def bag(colour: str, shade: str, label: str, mark: str) -> Picture:
    """A coffee bag from the front, its label without words."""
    picture, pen = canvas(380, 600)
    pen.polygon(_pairs(30, 70, 350, 70, 372, 590, 8, 590), fill=colour)
    pen.polygon(_pairs(290, 70, 350, 70, 372, 590, 316, 590), fill=shade)
    pen.rounded_rectangle(scaled(26, 10, 354, 84), radius=10 * SCALE, fill=shade)
    pen.line(scaled(26, 48, 354, 48), fill=colour, width=5 * SCALE)
    pen.rounded_rectangle(scaled(72, 210, 292, 470), radius=14 * SCALE, fill=label)
    pen.ellipse(scaled(122, 250, 242, 370), outline=mark, width=9 * SCALE)
    pen.arc(scaled(140, 285, 224, 400), 200, 340, fill=mark, width=9 * SCALE)
    pen.line(scaled(112, 410, 252, 410), fill=mark, width=7 * SCALE)
    pen.line(scaled(142, 436, 222, 436), fill=mark, width=7 * SCALE)
    return smooth(picture)


def steam(height_px: int, phase: float) -> Picture:
    """One curl of steam."""
    picture, pen = canvas(120, height_px)
    for y in range(0, height_px, 2):
        share = y / height_px
        x = 60 + math.sin(share * 5 + phase * math.tau) * 26 * (1 - share * 0.5)
        wide = 5 + 13 * math.sin(share * math.pi)
        level = round(120 * math.sin(share * math.pi))
        pen.ellipse(scaled(x - wide, y - 8, x + wide, y + 8), fill=(255, 255, 255, level))
    return smooth(picture).filter(ImageFilter.GaussianBlur(9))


def waves(colour: str, height_px: int, swell_px: int, length_px: int) -> Picture:
    """A strip of water, longer than the frame by one wave, so that it can be drawn along."""
    width = WIDTH_PX + length_px
    picture, pen = canvas(width, height_px)
    top = [
        (x * SCALE, (swell_px + math.sin(x / length_px * math.tau) * swell_px) * SCALE)
        for x in range(0, width + 8, 8)
    ]
    pen.polygon([*top, (width * SCALE, height_px * SCALE), (0, height_px * SCALE)], fill=colour)
    return smooth(picture)


def hills(colour: str, height_px: int, seed: float) -> Picture:
    """A ridge across the frame."""
    picture, pen = canvas(WIDTH_PX, height_px)
    top = [
        (
            x * SCALE,
            height_px
            * SCALE
            * (0.4 + 0.22 * math.sin(x / 190 + seed) + 0.12 * math.sin(x / 77 + seed * 3)),
        )
        for x in range(0, WIDTH_PX + 8, 8)
    ]
    floor = height_px * SCALE
    pen.polygon([*top, (WIDTH_PX * SCALE, floor), (0, floor)], fill=colour)
    return smooth(picture)


def _pairs(*numbers: float) -> list[tuple[float, float]]:
    doubled = scaled(*numbers)
    return list(zip(doubled[::2], doubled[1::2], strict=True))
