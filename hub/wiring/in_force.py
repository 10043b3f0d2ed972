"""What is in force at a moment: a site and this deployment's side of it. A reload replaces both at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.site.agency import Agency
from hub.site.environment import Environment
from hub.site.site import Site
from hub.site.versions import SiteVersions


@dataclass(slots=True)
class InForce:
    """Used from the event loop; whoever needs two of its answers to agree asks for both without waiting between."""

    sites: SiteVersions
    environment: Environment

    def site(self) -> Site:
        """The site by which new messages are read, and whose rules hold for every delivery."""
        return self.sites.current

    def agencies(self) -> Mapping[str, Agency]:
        """Who takes part."""
        return self.sites.current.agencies

    def secrets(self, agency: str) -> Mapping[str, str]:
        """An agency's secrets by name."""
        return self.environment.secrets(agency)

    def switch(self, site: Site, environment: Environment) -> None:
        """Put these in force."""
        self.sites.switch(site)
        self.environment = environment
