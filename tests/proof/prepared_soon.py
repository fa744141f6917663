"""Settings of a process that prepares each statement when it comes for the second time.

Not the first: a migration's several statements in one cannot be prepared.
"""

from config.settings.local import *  # noqa: F403
from config.settings.local import DATABASES

DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 1
