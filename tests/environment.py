"""Settings for the tests, loaded before Django's (see addopts in pyproject.toml).

Values that are already in the environment win, so that `./duecast test` can run the suite on
PostgreSQL and Redis too.
"""

import atexit
import os
import shutil
import tempfile

if "DATA_DIR" not in os.environ:
    _folder = tempfile.mkdtemp(prefix="duecast-test-")
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    os.environ["DATA_DIR"] = _folder

_DEFAULTS = {
    "SECRET_KEY": "a-key-for-tests-only",
    "TOKEN_KEYS": "zPY_xQeSjoJUUZXNPGCgNSWKDP7S9NpeZHD6UV4jjSw=",
    "SIMULATOR_CLIENT_SECRET": "a-simulator-secret-for-tests",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}
for _name, _value in _DEFAULTS.items():
    os.environ.setdefault(_name, _value)
