"""Which folders are watched for an agency: where it drops what it sends, and where it acknowledges what it got."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from connectors.acknowledgement import AcknowledgementOptions
from connectors.acknowledgement_folder import Acknowledge, AcknowledgementListener
from connectors.base import Accept
from connectors.file import acknowledgement_of
from connectors.folder import FolderListener
from hub.observe import Observer
from hub.site.agency import Agency, FileIntake
from hub.site.environment import Environment
from hub.wiring.folders import Folders


@dataclass(frozen=True, slots=True)
class IntakePlace:
    """All that a listener for dropped files is made from."""

    intake: FileIntake
    folder: Path
    max_bytes: int


@dataclass(frozen=True, slots=True)
class AcknowledgementPlace:
    """All that a listener for acknowledgements is made from."""

    options: AcknowledgementOptions
    folder: Path
    max_bytes: int


def intake_folders(accept: Accept, observer: Observer, max_bytes: int) -> Folders[IntakePlace]:
    """Listeners for what agencies send as files; ``max_bytes`` counts for those that declare none."""

    def place(agency: Agency, environment: Environment) -> IntakePlace | None:
        if agency.file is None:
            return None
        return IntakePlace(agency.file, environment.intake_folder(agency), _most(agency, max_bytes))

    def make(agency: Agency, place: IntakePlace) -> FolderListener:
        return FolderListener(agency.name, place.intake, place.folder, accept, observer, max_bytes=place.max_bytes)

    return Folders(place, make)


def acknowledgement_folders(
    acknowledge: Acknowledge, observer: Observer, max_bytes: int
) -> Folders[AcknowledgementPlace]:
    """Listeners for what agencies say of the files that they got."""

    def place(agency: Agency, environment: Environment) -> AcknowledgementPlace | None:
        options = acknowledgement_of(agency)
        if options is None:
            return None
        return AcknowledgementPlace(options, environment.folder(agency, options.folder), _most(agency, max_bytes))

    def make(agency: Agency, place: AcknowledgementPlace) -> AcknowledgementListener:
        return AcknowledgementListener(
            agency.name, place.options, place.folder, acknowledge, observer, max_bytes=place.max_bytes
        )

    return Folders(place, make)


def _most(agency: Agency, max_bytes: int) -> int:
    return max_bytes if agency.max_bytes is None else agency.max_bytes
