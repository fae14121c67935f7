"""The demo's eight films: each a function from a moment (0 to 1) to a frame, without a seam."""

import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter

from publishing.demo import shapes
from publishing.demo.shapes import HEIGHT_PX, WIDTH_PX, Picture

Frame = Callable[[float], Picture]
CREAM, INK = "#f6efe4", "#241a17"


def _put(frame: Picture, sprite: Picture, x: float, y: float) -> None:
    """Paste with the sprite's middle at (x, y)."""
    place = (round(x - sprite.width / 2), round(y - sprite.height / 2))
    frame.paste(sprite, place, sprite)


def _wave(moment: float, times: int = 1, phase: float = 0.0) -> float:
    return math.sin((moment * times + phase) * math.tau)


def steaming_cup(top: str, bottom: str, colour: str, shade: str) -> Frame:
    """A cup on a table, steam rising."""
    still = shapes.gradient(top, bottom)
    table = Image.new("RGB", (WIDTH_PX, 360), shade)
    still.paste(table, (0, HEIGHT_PX - 360))
    _put(still, shapes.glow(520, "#fff6e0", 0.9), 360, 520)
    _put(still, shapes.shadow(430, 60, 120), 370, 985)
    _put(still, shapes.cup(colour, shade, INK), 385, 840)
    curls = [shapes.steam(330, phase) for phase in (0.0, 0.35, 0.7)]

    def frame(moment: float) -> Picture:
        picture = still.copy()
        for number, curl in enumerate(curls):
            x = 290 + number * 70 + _wave(moment, 1, number / 3) * 12
            y = 560 - ((moment + number / 3) % 1) * 70
            fade = math.sin(((moment + number / 3) % 1) * math.pi)
            seen = curl.copy()
            seen.putalpha(curl.getchannel("A").point(lambda level, fade=fade: level * fade))
            _put(picture, seen, x, y)
        return picture

    return frame


def falling_beans(top: str, bottom: str, colours: tuple[str, str], groove: str) -> Frame:
    """Beans that fall and turn, the near ones larger and faster."""
    still = shapes.gradient(top, bottom)
    chance = random.Random(11)  # noqa: S311 - a drawing
    beans = [
        (
            chance.randrange(40, WIDTH_PX - 40),
            chance.random(),
            1 + number // 8,
            chance.randrange(360),
            chance.choice((-1, 1)),
            shapes.bean(60 + 34 * (number // 8), colours[number % 2], groove),
        )
        for number in range(24)
    ]

    def frame(moment: float) -> Picture:
        picture = still.copy()
        for x, start, speed, angle, way, sprite in beans:
            y = ((start + moment * speed) % 1) * (HEIGHT_PX + 240) - 120
            turned = sprite.rotate(
                angle + way * moment * 360, Image.Resampling.BICUBIC, expand=True
            )
            _put(picture, turned, x + _wave(moment, 1, start) * 14, y)
        return picture

    return frame


def northern_lights() -> Frame:
    """Bands of light over three ridges and a lake of stars."""
    still = shapes.gradient("#071426", "#1d4a5c", "#0d2b3f")
    pen = ImageDraw.Draw(still)
    chance = random.Random(5)  # noqa: S311 - a drawing
    for _ in range(140):
        x, y, size = chance.randrange(WIDTH_PX), chance.randrange(760), chance.choice((1, 1, 2))
        pen.ellipse((x, y, x + size, y + size), fill="#dfeef2")
    bands = [
        _band(colour, seed)
        for colour, seed in (("#4fe0a8", 0.3), ("#37b6c9", 1.7), ("#9b7be0", 3.1))
    ]
    ridges = [
        (shapes.hills("#0f2f3d", 420, 0.4), 960),
        (shapes.hills("#0b222e", 400, 2.2), 1060),
        (shapes.hills("#07161f", 320, 4.0), 1170),
    ]

    def frame(moment: float) -> Picture:
        picture = still.copy()
        for number, band in enumerate(bands):
            x = 360 + _wave(moment, 1, number / 3) * 70
            _put(picture, band, x, 410 + number * 70 + _wave(moment, 2, number / 4) * 14)
        for ridge, y in ridges:
            _put(picture, ridge, 360, y)
        return picture

    return frame


def _band(colour: str, seed: float) -> Picture:
    mask = Image.new("L", (1000, 620), 0)
    pen = ImageDraw.Draw(mask)
    for x in range(0, 1000, 6):
        y = 330 + math.sin(x / 150 + seed) * 70 + math.sin(x / 61 + seed * 2) * 24
        tall = 190 + math.sin(x / 97 + seed * 5) * 80
        level = round(100 + 60 * math.sin(x / 43 + seed))
        pen.rectangle((x, y - tall, x + 6, y), fill=level)
    mask = mask.filter(ImageFilter.GaussianBlur(22))
    fade = Image.linear_gradient("L").resize(mask.size)
    mask = Image.composite(mask, Image.new("L", mask.size, 0), fade)
    band = Image.new("RGBA", mask.size, colour)
    band.putalpha(mask)
    return band


def bag_on_stage(top: str, bottom: str, colours: tuple[str, str, str, str]) -> Frame:
    """A bag that floats over a round stage, light passing over it."""
    still = shapes.gradient(top, bottom)
    _put(still, shapes.glow(620, "#ffffff", 0.7), 360, 560)
    _put(still, shapes.disc(330, colours[1]).resize((660, 200)), 360, 1105)
    _put(still, shapes.disc(330, colours[0]).resize((640, 180)), 360, 1085)
    product = shapes.bag(*colours)
    sheen = Image.new("L", product.size, 0)
    ImageDraw.Draw(sheen).polygon([(150, 0), (230, 0), (110, 600), (30, 600)], fill=110)
    sheen = sheen.filter(ImageFilter.GaussianBlur(18))
    light = Image.new("RGB", product.size, "white")
    below = shapes.shadow(320, 46, 130)

    def frame(moment: float) -> Picture:
        picture = still.copy()
        lit = product.copy()
        passing = Image.new("L", product.size, 0)
        passing.paste(sheen, (round(moment * 900 - 450), 0))
        lit.paste(light, (0, 0), passing)
        lit.putalpha(product.getchannel("A"))
        _put(picture, below, 360, 1078)
        _put(picture, lit, 360, 730 + _wave(moment) * 16)
        return picture

    return frame


def latte_from_above(table: str, cup: str, coffee: str, milk: str) -> Frame:
    """A cup from above; rings of milk grow from the middle."""
    still = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), table)
    _put(still, shapes.glow(700, "#ffffff", 0.35), 250, 420)
    _put(still, shapes.shadow(600, 600, 110), 376, 668)
    for radius, colour in ((308, "#ffffff"), (300, cup), (252, INK), (246, coffee)):
        _put(still, shapes.disc(radius, colour), 360, 640)
    spoon = shapes.disc(46, "#c9b8a3").resize((70, 110))
    _put(still, spoon, 150, 1080)
    ImageDraw.Draw(still).line((160, 1120, 215, 1262), fill="#c9b8a3", width=16)
    full_milk, full_gap = shapes.disc(212, milk), shapes.disc(212, coffee)

    def frame(moment: float) -> Picture:
        picture = still.copy()
        for number in range(4, 0, -1):
            radius = 8 + ((number - 1 + moment) / 4) * 200
            y = 640 + (206 - radius) * 0.22
            _put(picture, _shrunk(full_milk, radius), 360, y)
            if radius > 34:
                _put(picture, _shrunk(full_gap, radius - 26), 360, y - 5)
        return picture

    return frame


def _shrunk(disc: Picture, radius: float) -> Picture:
    side = round(radius * 2)
    return disc.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2)


def harbour(sky: tuple[str, str, str], boat: str, water: tuple[str, str, str]) -> Frame:
    """A small boat on three rows of waves, the sun behind it."""
    still = shapes.gradient(*sky)
    _put(still, shapes.glow(430, "#fff1cf", 1.0), 500, 520)
    _put(still, shapes.disc(96, "#fff4dc"), 500, 520)
    rows = [
        (
            shapes.waves(colour, 560, 18 + 5 * number, 360),
            760 + 110 * number,
            1 if number % 2 else -1,
        )
        for number, colour in enumerate(water)
    ]
    vessel = _boat(boat)

    def frame(moment: float) -> Picture:
        picture = still.copy()
        for number, (row, top, way) in enumerate(rows):
            if number == 1:
                turned = vessel.rotate(_wave(moment) * 4, Image.Resampling.BICUBIC)
                _put(picture, turned, 320, 740 + _wave(moment, 1, 0.2) * 12)
            shift = round((moment * way) % 1 * 360)
            picture.paste(row, (-shift, top), row)
        return picture

    return frame


def _boat(colour: str) -> Picture:
    picture, pen = shapes.canvas(420, 460)
    doubled = shapes.SCALE
    hull = [(40, 330), (380, 330), (330, 420), (95, 420)]
    sail = [(215, 30), (215, 300), (370, 300)]
    jib = [(200, 70), (200, 300), (80, 300)]
    for points, fill in ((hull, colour), (sail, CREAM), (jib, "#e9dcc6")):
        pen.polygon([(x * doubled, y * doubled) for x, y in points], fill=fill)
    pen.line(shapes.scaled(208, 20, 208, 335), fill=INK, width=7 * doubled)
    pen.line(shapes.scaled(52, 352, 368, 352), fill=CREAM, width=7 * doubled)
    return shapes.smooth(picture)


SCENES: dict[str, Callable[[], Frame]] = {
    "morning-cup": lambda: steaming_cup("#f3d9b8", "#e8a87c", CREAM, "#b5654a"),
    "evening-cup": lambda: steaming_cup("#2b3a55", "#57688f", "#e9b872", "#23304a"),
    "falling-beans": lambda: falling_beans("#f7e7cf", "#e3b98a", ("#6b3f2a", "#82502f"), "#3a2015"),
    "northern-lights": northern_lights,
    "house-blend": lambda: bag_on_stage(
        "#d9e6df", "#8fb3a5", ("#1f5f5b", "#17494a", CREAM, "#1f5f5b")
    ),
    "winter-roast": lambda: bag_on_stage(
        "#f1d7d0", "#c98277", ("#8c2f39", "#6d222c", "#fbeee6", "#8c2f39")
    ),
    "latte": lambda: latte_from_above("#c7d3c4", "#f4ede2", "#8a5a3a", "#f3e3cc"),
    "harbour": lambda: harbour(
        ("#f6c79a", "#e98e76", "#f3b08b"), "#b3423a", ("#6f9aa6", "#4d7c8c", "#2f5b6c")
    ),
}
