"""Rules that concern one kind of post only."""

import pytest

only_video = pytest.mark.parametrize("kind", ["video"], indirect=True)
only_photo = pytest.mark.parametrize("kind", ["photo"], indirect=True)
