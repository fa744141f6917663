"""What headers of the answer to an order tell: how an SMS of it is sent, and that it is a test."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from orders.texts.sms_length import Encoding, SmsLength

SMS_SEGMENTS, SMS_ENCODING = "X-Sms-Segments", "X-Sms-Encoding"
TEST_MODE = "X-Test-Mode"


def sms_headers(length: SmsLength | None) -> dict[str, str]:
    """What one SMS of the order costs; keywords count as they are written. Nothing without one."""
    if length is None:
        return {}
    return {SMS_SEGMENTS: str(length.segments), SMS_ENCODING: length.encoding.value}


def test_header(*, is_test: bool) -> dict[str, str]:
    """Nothing for an order that is meant."""
    return {TEST_MODE: "true"} if is_test else {}


def described_headers(*, answer: int) -> list[OpenApiParameter]:
    """Of the answer with that status."""
    return [
        OpenApiParameter(
            SMS_SEGMENTS,
            OpenApiTypes.INT,
            OpenApiParameter.HEADER,
            description=(
                "In how many parts one SMS is sent, keywords as written. Only with an SMS text."
            ),
            response=[answer],
        ),
        OpenApiParameter(
            SMS_ENCODING,
            {"type": "string", "enum": [one.value for one in Encoding]},
            OpenApiParameter.HEADER,
            description="In which alphabet it is sent: 160 characters alone in GSM-7, 70 in UCS-2.",
            response=[answer],
        ),
        OpenApiParameter(
            TEST_MODE,
            {"type": "string", "enum": ["true"]},
            OpenApiParameter.HEADER,
            description=(
                "Only in test mode: the order leaves to allowed addresses, and is simulated for all"
                " others."
            ),
            response=[answer],
        ),
    ]
