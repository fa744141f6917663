"""How the addresses describe themselves to callers."""

from drf_spectacular.openapi import AutoSchema


class PublicSchema(AutoSchema):
    """Docstrings are for those who read the code: what callers read is said in `extend_schema`."""

    def get_description(self, *_: object) -> str:
        return ""
