"""The demo's deployment of a site: where every simulated partner listens, with the demo's keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from urllib.parse import urlsplit

from hub.demo.cast import Role

MARKER = ".demo"


def fresh_folder(data: Path) -> None:
    """An empty data folder; only one that a demo made before is cleared. Raises ``FileExistsError`` for another's."""
    if data.exists() and any(data.iterdir()):
        if not (data / MARKER).exists():
            raise FileExistsError(f"{data} holds something that is not a demo's; give another --data")
        rmtree(data)
    data.mkdir(parents=True, exist_ok=True)
    (data / MARKER).touch()


def write_environment(data: Path, cast: Mapping[str, Role], ports: Mapping[str, int]) -> None:
    """``DATA/environment.yaml``: the path of each endpoint is the site's, its host and port are the simulator's."""
    places = {name: _place(role, ports.get(name)) for name, role in cast.items()}
    path = data / "environment.yaml"
    path.touch(mode=0o600)
    # JSON is YAML too, and quotes every text as the strict reader of site files wants it.
    path.write_text(json.dumps(places, indent=2, ensure_ascii=False), encoding="utf-8")


def _place(role: Role, port: int | None) -> dict[str, object]:
    place: dict[str, object] = {}
    if port is not None and role.agency.way is not None:
        place["endpoint"] = f"http://127.0.0.1:{port}{urlsplit(role.agency.way.endpoint).path}"
    if role.secrets:
        place["secrets"] = {name: {"value": secret} for name, secret in role.secrets.items()}
    return place
