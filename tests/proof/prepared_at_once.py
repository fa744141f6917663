"""Settings of a process that prepares each statement when it is first used, not the sixth time."""

from config.settings.local import *  # noqa: F403
from config.settings.local import DATABASES

DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 0
