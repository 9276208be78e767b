"""What the tests have in common: examples are run as they stand, and every step is a line of JSON."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "client"))


def example(name: str, names: dict[str, Any]) -> Any:
    """Runs an example of the documentation; gives what its last line makes."""
    tree = ast.parse((HERE / "examples" / f"{name}.py").read_text())
    last = tree.body.pop()
    assert isinstance(last, ast.Expr)
    exec(compile(tree, name, "exec"), names)
    return eval(compile(ast.Expression(last.value), name, "eval"), names)


def say(step: str, **facts: Any) -> None:
    print(json.dumps({"step": step, **facts}), flush=True)


def event(**fields: Any) -> dict[str, Any]:
    """An event in which only some fields matter."""
    given = {
        "owner": "user",
        "collection": "c",
        "start": "2024-04-01T00:00:00Z",
        "value": "v",
        "type": "t",
        "source": "s",
        "externalId": "e",
    }
    return given | fields
