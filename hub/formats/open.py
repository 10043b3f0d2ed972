"""The contract of one document of one agency, by its declared format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hub.formats.contract import Contract
from hub.formats.delimited import DelimitedContract
from hub.formats.fixed_width import FixedWidthContract
from hub.formats.json import JsonContract
from hub.formats.xml import XmlContract
from hub.site.agency import DocumentDefinition


def open_contract(
    definition: DocumentDefinition, folder: Path, prefix: str, agency_namespaces: Mapping[str, str]
) -> Contract:
    """``folder`` is the agency's folder of contracts and ``prefix`` its path inside the site. Raises ``Findings``."""
    path = folder / definition.schema
    if definition.format == "xml":
        return XmlContract(path, agency_namespaces, folder=folder, prefix=prefix)
    if definition.format == "json":
        return JsonContract(path, folder=folder, prefix=prefix)
    if definition.format == "fixed-width":
        return FixedWidthContract(path, f"{prefix}/{definition.schema}")
    return DelimitedContract(path, f"{prefix}/{definition.schema}")
