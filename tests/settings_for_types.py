"""The settings as the type checker sees them: the tests' environment, then the settings file."""

import tests.environment  # noqa: F401 - must be first
from calendar_app.settings import *  # noqa: F403
