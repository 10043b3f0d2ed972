"""Mailbox: an agency that cannot be called fetches what is for it (``hub.web.mailbox``); nothing is sent."""

from __future__ import annotations

import base64
from pathlib import Path

from connectors.file import meta
from hub.findings import Finding
from hub.message import Json, Outbound
from hub.site.agency import Agency, Way
from hub.site.mailbox_file import MAILBOX

KEYS = MAILBOX


def check_options(agency: Agency, way: Way, contracts: Path) -> list[Finding]:
    """No mistake is left to find: the engine has read these options with the agency's file."""
    return []


def item(outbound: Outbound) -> Json:
    """One message as it is handed out; what other transports carry in headers stands beside the content."""
    content = base64.b64encode(outbound.body).decode()
    return {**meta(outbound), "mediaType": outbound.media_type, "attempt": outbound.attempt, "contentBase64": content}
