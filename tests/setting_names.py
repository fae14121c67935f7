"""The names of all environment variables that settings.py reads, found in its source."""

import ast
from pathlib import Path

SETTINGS = Path(__file__).parents[1] / "calendar_app" / "settings.py"


def setting_names() -> dict[str, str]:
    """Variable's name → reader's name, for every `read_…("NAME", …)` call."""
    tree = ast.parse(SETTINGS.read_text(encoding="utf-8"))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {
        call.args[0].value: call.func.id
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id.startswith("read_")
        if isinstance(call.args[0], ast.Constant)
    }
