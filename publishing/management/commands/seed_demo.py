from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now as current_moment

from publishing.demo import brand
from publishing.demo.seeding import Seeded, seed
from publishing.demo.tiktok_side import SimulatorMissing


class Command(BaseCommand):
    help = "Make a team to look at: people, creators at the simulator, three weeks of posts."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SIMULATOR_IN_USE:
            raise CommandError(
                "The demo posts to the simulator, but this installation posts to TikTok itself. "
                "Unset TIKTOK_CLIENT_KEY, or give the demo its own DATA_DIR and PORT."
            )
        try:
            seeded = seed(current_moment(), lambda text: self.stdout.write(f"demo: {text}"))
        except SimulatorMissing as error:
            raise CommandError(str(error)) from error
        if seeded is None:
            self.stdout.write(f"demo: the team {brand.TEAM} is there already; left as it is.")
        else:
            self._introduce(seeded)

    def _introduce(self, seeded: Seeded) -> None:
        self.stdout.write(f"demo: {brand.TEAM} has {seeded.posts} posts. Sign in with")
        for email, role in seeded.people:
            self.stdout.write(f"        {email}  ({role})")
        self.stdout.write(f"      and the password {seeded.password} (shown only this once).")
