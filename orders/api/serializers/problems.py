"""The error bodies, for the API description."""

# ruff: noqa: N815 - fields are named as in the contract

from typing import Any

from rest_framework import serializers


class ProblemDetails(serializers.Serializer[Any]):
    """What went wrong, as a whole."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    traceId = serializers.CharField(help_text="W3C trace context; continues a `traceparent`.")


class ValidationProblemDetails(serializers.Serializer[Any]):
    """What is wrong with the request, by property."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField())
    )
    traceId = serializers.CharField(help_text="W3C trace context; continues a `traceparent`.")


class AltinnProblemDetails(serializers.Serializer[Any]):
    """A problem with a code of its own."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    traceId = serializers.CharField(help_text="W3C trace context; continues a `traceparent`.")
    statusDescription = serializers.CharField()
