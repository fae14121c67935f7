"""TikTok on this machine: consent, tokens, posting, uploads, statuses, webhooks and profiles.

A separate process that shares no code with the product. Both sides of the wire are written
from the API contract, so that one misreading cannot pass on both. Start it with
`python -m simulator`; steer it with `simulator.control.Control`; run it in tests and
benchmarks with `simulator.process.start`.
"""
