"""`python -m simulator`: read the options, serve until told to stop."""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from simulator import creators
from simulator.app import Simulator
from simulator.server import Server
from simulator.settings import Options
from simulator.store import Store


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulator", description="TikTok on this machine.")
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=8001, help="0 takes a free port and prints it")
    add("--data", type=Path, help="folder that keeps the state across restarts")
    add("--client-key", default=os.environ.get("SIMULATOR_CLIENT_KEY", "simulator-key"))
    add("--client-secret", default=os.environ.get("SIMULATOR_CLIENT_SECRET", "simulator-secret"))
    add("--redirect-prefix", action="append", default=[], help="default: any localhost URL")
    add("--verified-prefix", action="append", default=[], help="media may be pulled from here")
    add("--fetch-from", default="", help="where to connect for that media, when it is not there")
    add("--public-url", default="", help="base of the links in pages, as a browser sees it")
    add("--webhook-url", help="where events are posted to")
    add("--audited", action="store_true", help="begin as a client with the audit")
    add("--unaudited", action="store_true", help="begin as a client without the audit")
    add("--discard-bytes", action="store_true", help="count uploaded bytes, do not keep them")
    return parser.parse_args(arguments)


def build(chosen: argparse.Namespace) -> Simulator:
    options = Options(
        host=chosen.host,
        port=chosen.port,
        data=chosen.data,
        client_key=chosen.client_key,
        client_secret=chosen.client_secret,
        redirect_prefixes=chosen.redirect_prefix,
        verified_prefixes=chosen.verified_prefix,
        fetch_from=chosen.fetch_from,
        public_url=chosen.public_url,
        discards_bytes=chosen.discard_bytes,
    )
    sim = Simulator(options, Store(options.data))
    if not sim.store.creators:
        creators.add_defaults(sim)
    if chosen.webhook_url is not None:
        sim.settings.webhook_url = chosen.webhook_url
    if chosen.audited or chosen.unaudited:
        sim.settings.audited = not chosen.unaudited
    sim.store.save_settings()
    return sim


def main() -> int:
    chosen = parse(sys.argv[1:])
    sim = build(chosen)
    server = Server((chosen.host, chosen.port), sim)
    sim.options.port = server.server_port
    # Waited for, not handled: a handler could wait for a lock that its own thread holds.
    to_stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, to_stop)
    sim.start()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    sys.stdout.write(f"simulator listens on http://{chosen.host}:{server.server_port}\n")
    sys.stdout.flush()
    signal.sigwait(to_stop)
    server.shutdown()
    sim.stop()
    # Threads that still carry bytes or sleep in a fault must not hold the process back.
    os._exit(0)


if __name__ == "__main__":
    main()
