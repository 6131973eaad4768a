"""The proxies that are compared, each started in front of the same origin."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import jwt

BODY = (
    b'{"model":"gpt-4o-mini","messages":[{"role":"user","content":"How is the weather in the '
    b'hills today, and what should I wear for a walk of four hours?"}]}'
)
PATH = "/vortexcore/api/ai-chat/chat/completions"

NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    keepalive_requests 1000000;
    location / {{
      proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";
    }}
  }}
}}
"""

CONFIG = """
brand: onasis
auth:
  issuers:
    sso: {secret: "${SSO_JWT_SECRET}", algorithms: [HS256]}
  bearer: {issuers: [sso]}
upstreams:
  edge: {targets: ["${ORIGIN}"], credentials: {bearer: "${EDGE_FUNCTIONS_KEY}"}}
platforms:
  vortexcore: {title: VortexCore, hosts: [vortexcore.app], billing: tokens}
masking:
  vendors: {openai: onasis}
  models: {onasis-chat: gpt-4o-mini}
services:
  ai-chat:
    title: AI chat
    upstream: edge
    path: /functions/v1/ai-chat
    methods: [POST]
    auth: [bearer]
    rate_limits: [100000000/1m]
    privacy: {mode: off}
    masking: MASKING
"""


@dataclass
class Candidate:
    """A running proxy: where it listens, its process, the request it is asked."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    request: bytes

    def cpu(self) -> float:
        """Seconds of CPU of the process and its children so far."""
        ticks = sum(_ticks(pid) for pid in _family(self.process.pid))
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Resident MiB of the process and its children."""
        total = 0
        for pid in _family(self.process.pid):
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return total * os.sysconf("SC_PAGE_SIZE") / 2**20


def _ticks(pid: int) -> int:
    values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(values[11]) + int(values[12])


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(child) for child in children)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def request(fields: str = "") -> bytes:
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: router.test\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(BODY)}\r\n{fields}\r\n"
    )
    return head.encode() + BODY


def wait_for(port: int, path: str = "", seconds: float = 30) -> None:
    """Waits until the port accepts, and ``path`` (if given) answers 200."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if not path:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1):
                return
        except (OSError, urllib.error.HTTPError):
            time.sleep(0.05)
    raise SystemExit(f"nothing answers on port {port}")


def origin() -> tuple[int, subprocess.Popen[bytes]]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.origin", str(port)])
    wait_for(port)
    return port, process


def nginx(origin_port: int, folder: Path) -> Candidate | None:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        return None
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, origin=origin_port, port=port))
    process = subprocess.Popen([program, "-c", str(config), "-p", str(folder)])
    wait_for(port)
    return Candidate("nginx, one worker", port, process, request())


def router(name: str, masking: str, origin_port: int, folder: Path) -> Candidate:
    port = free_port()
    secret = secrets.token_hex(32)
    config = folder / f"{port}.yaml"
    config.write_text(CONFIG.replace("MASKING", masking))
    env = {
        **os.environ,
        "SSO_JWT_SECRET": secret,
        "EDGE_FUNCTIONS_KEY": secrets.token_hex(16),
        "ORIGIN": f"http://127.0.0.1:{origin_port}",
        "ROUTER_DATA_DIR": str(folder / "data"),
    }
    log = (folder / f"{port}.log").open("wb")
    command = [
        sys.executable,
        "-m",
        "router",
        "serve",
        "--config",
        str(config),
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, env=env, stdout=log)
    wait_for(port, "/ready")
    claims = {"sub": "bench", "exp": int(time.time()) + 3600}
    token = jwt.encode(claims, secret, algorithm="HS256")
    return Candidate(name, port, process, request(f"Authorization: Bearer {token}\r\n"))
