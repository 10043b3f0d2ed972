"""What differs between one deployment and the next: endpoints, folders and secrets, in ``DATA/environment.yaml``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hub.definition import Either, MapOf, Reading, Record, Scalar
from hub.findings import Findings, nearest
from hub.marked import load
from hub.site.agency import Agency

_SECRET = Either(
    Scalar("the secret itself"),
    Record(
        {
            "value": Scalar("the secret itself"),
            "env": Scalar("environment variable that holds it"),
            "file": Scalar("file that holds it"),
        }
    ),
)
_AGENCY = Record(
    {
        "endpoint": Scalar("URL or folder that replaces delivers.endpoint"),
        "intake-folder": Scalar("folder that is watched in place of accepts.file.folder"),
        "secrets": MapOf(_SECRET, "name of the secret: its value, environment variable or file"),
    }
)
ENVIRONMENT_FILE = MapOf(_AGENCY, "one entry an agency")


@dataclass(frozen=True, slots=True)
class Place:
    """One agency in this deployment; ``endpoint`` and ``intake_folder`` are None where the site's own apply."""

    endpoint: str | None = None
    intake_folder: Path | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


class Environment:
    """The deployment's side of every agency. Secrets are read once, at start."""

    def __init__(self, data: Path, places: Mapping[str, Place]) -> None:
        self._files = data / "files"
        self._places = places

    def secrets(self, agency: str) -> Mapping[str, str]:
        """The agency's secrets by name; an agency that has none can prove nothing."""
        return self._places.get(agency, Place()).secrets

    def endpoint(self, agency: Agency) -> str:
        """Where the agency is reached; folders without a leading slash lie below ``DATA/files/<agency>/``."""
        declared = agency.way.endpoint if agency.way else ""
        endpoint = self._places.get(agency.name, Place()).endpoint or declared
        if agency.way and agency.way.transport == "file":
            return str(self._files / agency.name / endpoint)
        return endpoint

    def intake_folder(self, agency: Agency) -> Path:
        """The folder in which the agency drops its files."""
        folder = self._places.get(agency.name, Place()).intake_folder
        return folder or self.folder(agency, agency.file.folder if agency.file else "")

    def folder(self, agency: Agency, name: str) -> Path:
        """A folder of the agency's file area; an absolute ``name`` stands for itself."""
        return self._files / agency.name / name


def load_environment(data: Path, agencies: Mapping[str, Agency]) -> Environment:
    """Read ``DATA/environment.yaml`` (it may be missing: no secrets). Raises ``Findings``."""
    path = data / "environment.yaml"
    if not path.exists():
        return Environment(data, {})
    reading = Reading("environment.yaml")
    values = ENVIRONMENT_FILE.read(load(path, reading.file), 1, reading) or {}
    places = {}
    for name, value in values.items():
        if name not in agencies:
            reading.wrong("unknown-agency", value.line, f"no agency is called {name!r}", nearest(name, agencies))
        secrets = {str(key): _secret(secret, value.line, reading) for key, secret in value.get("secrets", {}).items()}
        folder = Path(value["intake-folder"]) if "intake-folder" in value else None
        places[str(name)] = Place(str(value["endpoint"]) if "endpoint" in value else None, folder, secrets)
    if reading.findings:
        raise Findings(reading.findings)
    return Environment(data, places)


def _secret(value: object, line: int, reading: Reading) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        if "value" in value:
            return str(value["value"])
        if "env" in value:
            return os.environ.get(value["env"], "")
        if "file" in value:
            try:
                return Path(value["file"]).read_text(encoding="utf-8").rstrip("\r\n")
            except OSError as error:
                reading.wrong("file-missing", line, f"the secret's file cannot be read: {error.strerror}")
                return ""
    reading.wrong("bad-value", line, "a secret has a value, an env or a file")
    return ""
