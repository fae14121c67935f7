"""Why a post is not what somebody asked for it to be."""

from datetime import datetime

from publishing.rules import Problem


class PostRefused(Exception):
    """The post breaks rules; `next_free_at`, a whole minute as a person types it, is offered when
    only the cap or the account's gap is in the way."""

    def __init__(self, problems: list[Problem], next_free_at: datetime | None = None) -> None:
        super().__init__(" ".join(problem.text for problem in problems))
        self.problems = problems
        self.next_free_at = next_free_at
