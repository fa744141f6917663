"""nginx as deploy/ has it, in front of web processes of this machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from script.launcher.paths import ROOT
from script.launcher.services.ports import free_port

# Debian has it where not everybody's shell looks.
PROGRAM = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
_AROUND = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/notifications.conf;
}}
"""


class Nginx:
    """Listens when it was made; `close` ends it. Without TLS, and with addresses for names, which
    older versions do not ask for again; all else is as it stands."""

    def __init__(self, folder: Path, behind: Sequence[int]) -> None:
        assert PROGRAM is not None
        self.port = free_port()
        folder.mkdir()
        given = (ROOT / "deploy/nginx/notifications.conf").read_text()
        (folder / "notifications.conf").write_text(_of_this_machine(given, self.port, behind))
        # Started by root, its worker would be somebody else, who may not keep bodies here.
        user = "" if os.geteuid() else "user root;"
        (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, user=user))
        command = [PROGRAM, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        command += ["-e", str(folder / "nginx.log")]
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        self.log = folder / "nginx.log"
        self._process = subprocess.Popen(command)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)


def _of_this_machine(given: str, port: int, behind: Sequence[int]) -> str:
    given = re.sub(r"^ *(resolver|ssl_certificate\w*) .*;\n", "", given, flags=re.MULTILINE)
    given = given.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    for number, one in enumerate(behind, start=1):
        given, replaced = re.subn(
            rf"\bweb-{number}:8000 (.*) resolve;", rf"127.0.0.1:{one} \1;", given
        )
        assert replaced == 1
    return given
