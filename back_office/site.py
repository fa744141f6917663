"""The admin site of the support desk: its front page and the pages that belong to no table."""

from unfold.sites import UnfoldAdminSite


class BackOfficeSite(UnfoldAdminSite):  # type: ignore[misc] # unfold is not typed
    """Django's admin with unfold's looks."""
