"""The daily files: every notification that ended yesterday, as Parquet."""

import hashlib
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, ClassVar

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from notifications.api.metrics.key import refusal, wrong_method
from notifications.models import NotificationChannel
from runtime import clock

logger = structlog.get_logger(__name__)

MAX_SECONDS = 300
"""Seconds that writing one may take."""
RETRY_AFTER = 60
_PIECE = 65_536

_writing = threading.Lock()


@method_decorator(csrf_exempt, name="dispatch")
class DailyFile(View):
    """Written by a process of its own (see `write_daily_file`), one at a time for each of ours."""

    http_method_names = ["post"]
    channel: ClassVar[NotificationChannel]

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if str(request.method).lower() not in self.http_method_names:
            return wrong_method(self.http_method_names)
        return refusal(request) or super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if not _writing.acquire(blocking=False):
            return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER)})
        try:
            return _answer(self.channel)
        finally:
            _writing.release()


class SmsFile(DailyFile):
    channel = NotificationChannel.SMS


class EmailFile(DailyFile):
    channel = NotificationChannel.EMAIL


def _answer(channel: NotificationChannel) -> HttpResponseBase:
    now = clock.now()
    day = now.date() - timedelta(days=1)
    with TemporaryDirectory(prefix="metrics-") as folder:
        path = Path(folder) / "daily.parquet"
        try:
            rows = write_in_another_process(channel, day, path)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            logger.error("A daily file cannot be written", error=type(error).__name__)
            return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER)})
        file = path.open("rb")  # which stays readable when the folder is gone
    size = file.seek(0, 2)
    file.seek(0)
    digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()
    file.seek(0)
    environment = settings.ENVIRONMENT_NAME
    name = f"{day:%Y%m%d}_{channel.lower()}_notifications_{environment}.parquet"
    return StreamingHttpResponse(
        _pieces(file),
        content_type="application/octet-stream",
        headers={
            "Content-Length": str(size),
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-File-Hash": b64encode(digest).decode(),
            "X-File-Size": str(size),
            "X-Total-FileTransfer-Count": str(rows),
            "X-Generated-At": now.isoformat(),
            "X-Environment": environment,
        },
    )


def write_in_another_process(channel: NotificationChannel, day: date, path: Path) -> int:
    """Returns how many rows the file has."""
    program = [sys.executable, str(settings.BASE_DIR / "manage.py"), "write_daily_file"]
    written = subprocess.run(  # noqa: S603 - nothing from outside
        [*program, channel.value, day.isoformat(), str(path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
    )
    return int(written.stdout.split()[-1])


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
