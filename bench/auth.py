"""Requests a second with Basic credentials, beside the same requests without."""
import json
from pathlib import Path

from figures import Figure
from load import ROUNDS, Load, request
from server import AUTHORIZATION, Server

CONNECTIONS = 16
# Several requests wait on each connection, so that this client costs little and the server never idles.
DEPTH = 16


def measure(binary: Path) -> list[Figure]:
    """Best of three, in turn. The same request with and without credentials tells what a credential costs."""
    # A format that does not exist: with credentials the request is read and refused before any SQL.
    query = {"statement": "SELECT 1", "format": "none"}
    with Server(binary) as server:
        health = load(server.address, "GET /healthz", None, False, 200)
        anonymous = load(server.address, "POST /query", query, False, 401)
        known = load(server.address, "POST /query", query, True, 400)
        validate = load(server.address, "POST /validate", {"statement": "SELECT 1"}, True, 200)
        for _ in range(ROUNDS):
            for each in (health, anonymous, known, validate):
                each.run()
    rate = known.best() / anonymous.best()
    return [
        Figure("POST /query, refused, with and without credentials", known.figure(), f"{anonymous.figure()} (without)",
               rate, "speed > 0.5", rate > 0.5),
        Figure("GET /healthz", health.figure()),
        Figure("POST /validate of SELECT 1, with credentials", validate.figure(), f"{health.figure()} (GET /healthz)",
               validate.best() / health.best()),
    ]


def load(address: str, line: str, body: dict | None, signed_in: bool, status: int) -> Load:
    """One request, sent over and over on all connections."""
    headers = {"Content_Type": "application/json"} if body else {}
    if signed_in:
        headers["Authorization"] = AUTHORIZATION
    sent = request(address, line, json.dumps(body).encode() if body else b"", **headers)
    name = f"{line} {'with' if signed_in else 'without'} credentials"
    return Load(name, address, lambda: sent, CONNECTIONS, DEPTH, status)
