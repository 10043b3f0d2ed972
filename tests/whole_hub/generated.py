"""Random messages of the default site's canonical types: valid, and as awkward as their schemas allow."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي Aa1<&\"'٣"
DAYS = ("1899-12-31", "1924-08-01", "1985-11-02", "2026-06-20", "2077-11-16", "2080-01-01")
TEXTS = {
    "^(1[7-9]|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$": DAYS,
    "^(1[7-9]|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?Z$": (
        "2026-06-20T10:00:00Z",
        "2026-06-20T10:00:00.25Z",
    ),
    "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$": ("00:00:00", "23:59:00", "14:10:30"),
    "^1[345][0-9]{2}-R[MP]-[0-9]{7}$": ("1448-RM-0000451", "1448-RP-0004521"),
    "^1[345][0-9]{2}-MK-[0-9]{7}$": ("1448-MK-0001234",),
    "^[a-z][a-z0-9-]*$": ("emirate",),
    "^[+][0-9]{8,15}$": ("+96650000", "+966500000001999"),
    "^[0-9A-Z-]{3,20}$": ("A-1", "ZZ000000000000000001"),
    "^[A-Z]{4}[0-9]{4}$": ("AAAA0001",),
    "^[^@ ]+@[^@ ]+$": ("a@example",),
    "^[a-z]+/[a-z0-9.+-]+$": ("image/svg+xml",),
    "^[0-9a-f]{64}$": ("0123456789abcdef" * 4,),
    "^[0-9]{4,8}$": ("9001", "90000001"),
    "^[a-z]{2}$": ("ar", "ur"),
    "^[A-Za-z][A-Za-z0-9_.-]*$": ("x",),
}
NUMBERS = {"nin": "1000000008", "iqama": "2000000006"}


class Generator:
    """Makes messages from the schema files themselves; the same ``seed`` makes the same messages."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._schemas = {path.name: json.loads(path.read_bytes()) for path in folder.glob("*.json")}
        self._random = Random(seed)

    def message(self, type: str) -> dict[str, Any]:
        """One message; links point to items that exist, or are left out."""
        file = f"{type}.v1.json"
        message: dict[str, Any] = self._value(self._schemas[file], file)
        for name, items in message.items():
            for number, item in enumerate(items if isinstance(items, list) else []):
                if isinstance(item, dict) and "id" in item:
                    item["id"] = f"{name}.{number}-x"
        self._tie(message, message)
        return message

    def _value(self, schema: dict[str, Any], file: str) -> Any:
        if "x-ref" in schema:
            return ("link", schema["x-ref"].removesuffix("[]"))
        if "$ref" in schema:
            other, _, fragment = schema["$ref"].partition("#")
            target = self._schemas[other or file]
            for step in fragment.strip("/").split("/"):
                target = target[step]
            return self._value(target, other or file)
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        return getattr(self, f"_{schema['type']}")(schema, file)

    def _object(self, schema: dict[str, Any], file: str) -> dict[str, Any]:
        properties = schema["properties"]
        needed = set(schema.get("required", ())) | {self._random.choice(list(properties))}
        made = {
            name: self._value(inner, file)
            for name, inner in properties.items()
            if name in needed or self._random.random() < 0.6
        }
        if made.get("type") in NUMBERS:
            made["value"] = NUMBERS[made["type"]]
        return made

    def _array(self, schema: dict[str, Any], file: str) -> list[Any]:
        most = 1 if schema.get("uniqueItems") else 3
        return [self._value(schema["items"], file) for _ in range(self._random.randint(1, most))]

    def _string(self, schema: dict[str, Any], file: str) -> str:
        if "pattern" in schema:
            return self._random.choice(TEXTS[schema["pattern"]])
        length = self._random.choice((1, 5, schema["maxLength"]))
        return "".join(self._random.choice(LETTERS) for _ in range(length)).strip() or "س"

    def _integer(self, schema: dict[str, Any], file: str) -> int:
        return int(self._random.choice((schema["minimum"], schema["maximum"])))

    def _number(self, schema: dict[str, Any], file: str) -> float:
        return float(self._random.choice((schema["minimum"], schema["maximum"], 21.4225, 0.000001)))

    def _boolean(self, schema: dict[str, Any], file: str) -> bool:
        return self._random.random() < 0.5

    def _tie(self, node: Any, message: dict[str, Any]) -> bool:
        """Give every link a target; False where one has none, so that its holder is taken away."""
        if isinstance(node, list):
            node[:] = [item for item in node if self._tie(item, message)]
            return bool(node)
        if not isinstance(node, dict):
            return True
        for name, value in list(node.items()):
            if isinstance(value, tuple):
                targets = message.get(value[1])
                if not targets:
                    return False
                node[name] = self._random.choice(targets)["id"]
            elif not self._tie(value, message):
                del node[name]
        return True
