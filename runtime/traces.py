"""Names the trace that a request belongs to: its caller's, or a new one."""

import re
import secrets

HEADER = "X-Trace-Id"
# https://www.w3.org/TR/trace-context/#traceparent-header; later versions may append fields.
TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})"
    r"-(?!0{32})(?P<trace>[0-9a-f]{32})"
    r"-(?!0{16})(?P<span>[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})(?P<later>-.*)?"
)


def continued_or_new(traceparent: str) -> str:
    """The caller's trace with a span of our own; a new trace where the header is absent or not
    valid."""
    span = secrets.token_hex(8)
    parent = TRACEPARENT.fullmatch(traceparent.strip())
    if parent is None or (parent["version"] == "00" and parent["later"]):
        return f"00-{secrets.token_hex(16)}-{span}-00"
    sampled = int(parent["flags"], 16) & 1
    return f"00-{parent['trace']}-{span}-{sampled:02x}"
