"""Asks the web server on this machine whether it is well: GET /healthz/web, 200 is yes.

Also a command for container health checks, run by path so that it starts at once.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit

TIMEOUT_S = 5


def is_web_well(address: str, port: int, site_url: str) -> bool:
    """Whether /healthz/web at `address`:`port` answers 200 to a request meant for `site_url`."""
    site = urlsplit(site_url)
    connection = http.client.HTTPConnection(address, port, timeout=TIMEOUT_S)
    # As the reverse proxy would ask, so that neither the host nor the scheme is refused.
    headers = {"Host": site.netloc, "X-Forwarded-Proto": site.scheme}
    try:
        connection.request("GET", "/healthz/web", headers=headers)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reachable_address(bind: str) -> str:
    """Where to knock at a server that listens on `bind`; every address includes the own one."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(bind, bind)  # noqa: S104


if __name__ == "__main__":
    _port = int(os.environ.get("PORT") or 8000)
    _site_url = os.environ.get("SITE_URL") or f"http://localhost:{_port}"
    _address = reachable_address(os.environ.get("BIND", "127.0.0.1"))
    sys.exit(0 if is_web_well(_address, _port, _site_url) else 1)
