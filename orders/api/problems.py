"""The error bodies, for the API description."""

# ruff: noqa: N815 - fields are named as in the contract

from rest_framework import serializers

_TYPE = "Names the kind of problem, as a URI."
_TITLE = "The kind of problem in words, the same each time."
_STATUS = "The HTTP status, once more."
_TRACE = "W3C trace context; continues a `traceparent`."


class ProblemDetails(serializers.Serializer[object]):
    """What went wrong, as a whole."""

    type = serializers.CharField(help_text=_TYPE)
    title = serializers.CharField(help_text=_TITLE)
    status = serializers.IntegerField(help_text=_STATUS)
    detail = serializers.CharField(required=False, help_text="What went wrong this time.")
    traceId = serializers.CharField(help_text=_TRACE)


class ValidationProblemDetails(serializers.Serializer[object]):
    """What is wrong with the request, by property."""

    type = serializers.CharField(help_text=_TYPE)
    title = serializers.CharField(help_text=_TITLE)
    status = serializers.IntegerField(help_text=_STATUS)
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text=(
            "What is wrong, by the path of the property (`Recipients[0].MobileNumber`). Behind the"
            " sentences about it, some begin with `Hint: ` and tell what is allowed."
        ),
    )
    traceId = serializers.CharField(help_text=_TRACE)


class AltinnProblemDetails(serializers.Serializer[object]):
    """A problem with a code of its own."""

    type = serializers.CharField(help_text=_TYPE)
    title = serializers.CharField(help_text=_TITLE)
    status = serializers.IntegerField(help_text=_STATUS)
    code = serializers.CharField(help_text="Names the kind of problem, as `NOT-00004`.")
    traceId = serializers.CharField(help_text=_TRACE)
    statusDescription = serializers.CharField(help_text="The HTTP status in words.")
    errorCode = serializers.CharField(help_text="The same as `code`.")
    detail = serializers.CharField(help_text="The same as `title`.")
