"""What we touch of uvicorn is there, and is all we touch: an upgrade that moves it fails here."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import Server, ServerState

import router.downstream
from router.downstream.connection import HttpConnection


def test_the_constructor_takes_what_uvicorn_gives() -> None:
    theirs = list(inspect.signature(HttpToolsProtocol.__init__).parameters)
    ours = list(inspect.signature(HttpConnection.__init__).parameters)
    assert theirs == ["self", "config", "server_state", "app_state", "_loop"]
    assert ours == ["self", "shared", *theirs[1:]]
    call = "http_protocol_class(  # type: ignore[call-arg]\n                config=config,\n"
    source = inspect.getsource(Server.startup)
    assert call in source
    for argument in (
        "server_state=self.server_state",
        "app_state=self.lifespan.state",
        "_loop=_loop",
    ):
        assert argument in source


def test_the_server_state_is_the_one_we_know() -> None:
    assert vars(ServerState()) == {
        "total_requests": 0,
        "connections": set(),
        "tasks": set(),
        "default_headers": [],
    }


def test_the_server_calls_nothing_else_of_a_connection() -> None:
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(inspect.getsource(__import__("uvicorn.server").server)))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "connection"
    }
    assert called == {"shutdown"}


def test_the_loaded_application_stands_in_the_config() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        return None

    config = uvicorn.Config(app, proxy_headers=False, lifespan="off", log_config=None)
    config.load()
    assert config.loaded_app is app


def test_we_touch_nothing_else() -> None:
    touched: set[str] = set()
    for file in Path(router.downstream.__file__).parent.glob("*.py"):
        tree = ast.parse(file.read_text())
        for node in ast.walk(tree):
            assert not (
                isinstance(node, ast.ImportFrom) and (node.module or "").startswith("uvicorn")
            )
            if isinstance(node, ast.Attribute):
                owner = node.value
                name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
                if name in ("config", "server_state", "_server") and file.name == "connection.py":
                    touched.add(node.attr)
    assert touched == {"loaded_app", "connections", "tasks", "total_requests", "default_headers"}
