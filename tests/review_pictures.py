"""`./duecast screenshots --review`: the way a reviewer takes, in the guideline's order 1 → 5.

Every picture's name begins with its number and ends with the ids of the rules it shows; the page
index.html beside them lists all with what is to be seen. Taken from the running product with the
demo's team, first for a video, then for photos and the inbox.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from simulator.control import Control
from tests.media_samples import make_mp4

WIDTH_PX, HEIGHT_PX = 1280, 860
TIMEOUT_MS = 30_000
CREATOR, OTHER = "nordlicht.kaffee", "nordlicht.hafen"
CAPTION = "Our winter roast is here #coffee #roastery @nordlicht.kaffee"


@dataclass
class Album:
    """Pictures in order. `rules` are ids of docs/ux-rules.md."""

    folder: Path
    page: Page
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def take(self, name: str, rules: str, words: str, at: Locator | None = None) -> None:
        if at is not None:
            at.evaluate("one => one.scrollIntoView({ block: 'center' })")
        self.page.wait_for_timeout(250)
        number = len(self.rows) + 1
        file = f"{number:02}-{name}-{rules.replace(' ', '_').replace(',', '')}.png"
        self.page.screenshot(path=self.folder / file)
        self.rows.append((file, rules, words))
        print(f"screenshots: {file}", flush=True)

    def write_index(self) -> None:
        figures = "".join(
            f"<figure><figcaption><b>{escape(rules)}</b> {escape(words)}</figcaption>"
            f'<img src="{escape(file)}" width="640" alt=""></figure>'
            for file, rules, words in self.rows
        )
        title = "<!doctype html><meta charset=utf-8><title>Review</title>"
        (self.folder / "index.html").write_text(title + figures, encoding="utf-8")


@dataclass(frozen=True)
class Walk:
    """Where the walk leads: the site, its simulator, and who signs in."""

    url: str
    simulator: Control
    email: str
    password: str


def take_review(browser: Browser, walk: Walk, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(
        viewport={"width": WIDTH_PX, "height": HEIGHT_PX}, reduced_motion="reduce", locale="en-GB"
    )
    context.set_default_timeout(TIMEOUT_MS)
    album = Album(folder, context.new_page())
    steps: Sequence[Callable[[Album, Walk], None]] = (
        public_pages,
        connecting,
        creator,
        metadata,
        disclosure,
        declaration_and_preview,
        sending,
        photos,
        inbox,
        creator_who_cannot_post,
    )
    for step in steps:
        step(album, walk)
    album.write_index()
    context.close()


def public_pages(album: Album, walk: Walk) -> None:
    page = album.page
    page.goto(walk.url)
    album.take("home", "DEM-2 REV-5 REV-6", "The public page, with sign-in and both documents.")
    page.goto(f"{walk.url}/privacy/")
    album.take("privacy", "DEM-2 REV-6", "The Privacy Policy.")
    page.goto(f"{walk.url}/terms/")
    album.take("terms", "DEM-2 REV-6", "The Terms of Service.")
    page.goto(f"{walk.url}/account/login/")
    album.take("sign-in", "DEM-2", "Signing in.")
    page.get_by_label("E-mail").fill(walk.email)
    page.get_by_label("Password", exact=True).fill(walk.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/calendar/**")


def connecting(album: Album, walk: Walk) -> None:
    page = album.page
    page.goto(f"{walk.url}/accounts/")
    page.get_by_role("button", name="Connect an account").click()
    page.wait_for_url("**/auth/authorize/**")
    album.take("consent", "DEM-3", "TikTok’s page with the permissions.")
    page.goto(f"{walk.url}/accounts/")
    album.take("connected", "DEM-3", "The connected accounts.")


def creator(album: Album, walk: Walk) -> None:
    page = album.page
    page.goto(f"{walk.url}/compose/")
    choose_account(page, CREATOR)
    words = "Nickname, picture and name of the creator, read live from TikTok."
    album.take("creator", "UX-1.0 UX-1a DEM-4", words)


def metadata(album: Album, walk: Walk) -> None:
    page = album.page
    upload(page, make_mp4(album.folder / "clip.mp4", seconds=4))
    page.locator("#id_caption").fill(CAPTION)
    album.take(
        "caption", "UX-2a UX-5b.2", "The caption is typed by hand.", page.locator("#id_caption")
    )
    audience = page.locator("[data-panel] .dropdown")
    album.take("audience-empty", "UX-2b.2 DEM-5", "No audience is preset.", audience)
    audience.locator("summary").click()
    album.take("audience-open", "UX-2b.1 DEM-5", "Exactly the audiences TikTok offers.", audience)
    audience.get_by_text("Everyone").click()
    album.take("audience-chosen", "UX-2b.2 DEM-5", "One chosen by hand.", audience)
    interactions = page.locator("[id^=interactions-]")
    album.take("interactions-off", "UX-2c.1 DEM-6", "Nothing is allowed beforehand.", interactions)
    for box in interactions.locator("input").all():
        box.check()
    album.take("interactions-on", "UX-2c.1 DEM-6", "Each switched on by hand.", interactions)
    page.locator(f"[data-account][value='{pk_of(page, CREATOR)}']").uncheck()
    walk.simulator.add_creator(OTHER, comment_disabled=True)
    choose_account(page, OTHER)
    words = "What the creator switched off in TikTok is greyed out."
    album.take("interaction-greyed", "UX-2c.2 DEM-6", words, page.locator("[id^=interactions-]"))
    walk.simulator.add_creator(OTHER, comment_disabled=False)
    page.locator(f"[data-account][value='{pk_of(page, OTHER)}']").uncheck()
    choose_account(page, CREATOR)
    choose_audience(page, "Everyone")
    page.locator("#id_due_date").fill("2030-07-01")
    page.locator("#id_due_time").fill("09:15")
    page.locator("#id_due_time").blur()
    words = "The declaration stands above the button whether or not anything is disclosed."
    album.take("declaration", "UX-2d UX-4.1", words, page.locator("#id_due_date"))


def disclosure(album: Album, walk: Walk) -> None:
    page = album.page
    part = page.locator("[id^=disclosure-]").first
    own, branded = page.locator("[data-your-brand]"), page.locator("[data-branded]")
    album.take("disclosure-off", "UX-3a.1 UX-3a.2 DEM-7", "Off; nothing is labelled.", part)
    page.locator("[data-disclosure]").check()
    words = "On: two boxes, both empty; the button is disabled and says why."
    part.evaluate("one => one.scrollIntoView({ block: 'center' })")
    page.locator("[data-needs=schedule]").locator("..").hover()
    album.take("disclosure-none", "UX-3a.3 UX-3a.7 UX-4.5 DEM-7", words)
    own.check()
    words = "Your brand: 'Promotional content', standard declaration."
    album.take("your-brand", "UX-3a.4 UX-4.2 DEM-7", words, part)
    own.uncheck()
    branded.check()
    words = "Branded content: 'Paid partnership', declaration with the Branded Content Policy."
    album.take("branded", "UX-3a.5 UX-4.3 DEM-7", words, part)
    audience = page.locator("[data-panel] .dropdown")
    audience.locator("summary").click()
    page.locator(".dropdown-option", has_text="Only me").hover()
    words = "With branded content “Only me” is disabled and says why."
    album.take("only-me-disabled", "UX-3b.1 UX-3b.3 DEM-7", words, audience)
    page.keyboard.press("Escape")
    own.check()
    album.take("both", "UX-3a.6 UX-4.4 DEM-7", "Both: 'Paid partnership'.", part)
    page.locator("[data-disclosure]").uncheck()
    choose_audience(page, "Only me")
    page.locator("[data-disclosure]").check()
    words = "“Only me” chosen first: branded content is disabled and says why."
    album.take("branded-disabled", "UX-3b.2 DEM-7", words, part)
    page.locator("[data-disclosure]").uncheck()
    choose_audience(page, "Everyone")


def declaration_and_preview(album: Album, walk: Walk) -> None:
    page = album.page
    words = "The preview of exactly what is posted; caption and cover stay editable."
    album.take("preview", "UX-5a UX-5b.1 DEM-8", words, page.locator("#preview"))


def sending(album: Album, walk: Walk) -> None:
    page = album.page
    page.locator("[data-needs=now]").click()
    page.wait_for_url("**/posts/**")
    words = "After the button: what happens, and that it may take a few minutes."
    album.take("sent", "UX-5c UX-5d UX-5e DEM-9", words)
    page.locator(".standing.state-published").wait_for()
    album.take("published", "UX-5e DEM-9", "TikTok’s verdict arrives without a reload.")
    page.goto(f"{walk.url}/simulator/@{CREATOR}")
    album.take("profile", "DEM-10", "The post on the (simulated) profile; film the real one.")


def photos(album: Album, walk: Walk) -> None:
    page = album.page
    page.goto(f"{walk.url}/compose/?kind=photo")
    choose_account(page, CREATOR)
    files = [draw(album.folder / f"photo-{n}.png", n) for n in range(3)]
    page.locator("#id_file").set_input_files([str(file) for file in files])
    page.locator("[data-photo]").nth(2).wait_for()
    page.locator("#id_title").fill("Winter roast")
    page.locator("#id_caption").fill(CAPTION)
    words = "Photos in their order, with the cover."
    album.take("photos", "UX-5a DEM-11", words, page.locator("#photos"))
    words = "Photos know comments only."
    album.take("photo-interactions", "UX-2c.3 DEM-11", words, page.locator("[id^=interactions-]"))
    for file in files:
        file.unlink()
    (album.folder / "clip.mp4").unlink(missing_ok=True)


def inbox(album: Album, walk: Walk) -> None:
    page = album.page
    page.locator("#mode-inbox").check()
    words = "The inbox: what TikTok’s app will ask, and how many drafts wait."
    album.take("inbox", "UX-5f", words, page.locator("[data-panel] .inbox-only").first)


def creator_who_cannot_post(album: Album, walk: Walk) -> None:
    page = album.page
    walk.simulator.add_creator(OTHER, is_banned=True)
    page.goto(f"{walk.url}/compose/")
    choose_account(page, OTHER, is_ready=False)
    page.locator("[data-blocked]").wait_for()
    album.take("cannot-post", "UX-1b", "TikTok says the creator cannot post now: it stops here.")
    walk.simulator.add_creator(OTHER, is_banned=False)


def pk_of(page: Page, username: str) -> str:
    box = page.locator(".account-choice", has_text=f"@{username}").locator("[data-account]")
    return box.get_attribute("value") or ""


def choose_account(page: Page, username: str, *, is_ready: bool = True) -> None:
    pk = pk_of(page, username)
    page.locator(f"[data-account][value='{pk}']").check()
    if is_ready:
        page.locator(f"#panel-{pk}[data-creator-ready]").wait_for()


def choose_audience(page: Page, word: str) -> None:
    page.locator("[data-panel] .dropdown summary").click()
    page.locator(".dropdown-option", has_text=word).click()


def upload(page: Page, path: Path) -> None:
    page.locator("#id_file").set_input_files(str(path))
    page.locator(".media-panel").wait_for()


def draw(path: Path, number: int) -> Path:
    colours = ("#7a4a2b", "#c8a27a", "#2f4f4f")
    Image.new("RGB", (1080, 1920), colours[number]).save(path)
    return path
