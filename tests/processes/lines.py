"""The lines that a post's journal gets on its way, for each way to TikTok.

`bytes_confirmed` is no line for people, yet it is committed like one. A post's state moves in the
transaction of the line before the move, so whoever stops after a line stops after the move too.
"""

UPLOAD_LINES = [
    "claimed",
    "creator_checked",
    "init_intended",
    "initialised",
    "bytes_confirmed",
    "bytes_sent",
    "verdict",
]
PULL_LINES = ["claimed", "creator_checked", "init_intended", "initialised", "verdict"]
# TikTok has answered, and the line that would say so is not committed.
UPLOAD_ANSWERS = ["initialised", "bytes_sent", "verdict"]
PULL_ANSWERS = ["initialised", "verdict"]


def moments(after, before):
    """When a worker stops, as (when, line) pairs."""
    return [*(("after", line) for line in after), *(("before", line) for line in before)]


def words_of(moment):
    return "-".join(moment)
