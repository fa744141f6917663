"""What callers would rather have: the header `Prefer`."""


def wants_strict(prefer: str) -> bool:
    """Whether the caller would rather be refused than have something carried out in another way
    than it is written (`Prefer: handling=strict`, RFC 7240, 4.4,
    https://www.rfc-editor.org/rfc/rfc7240#section-4.4)."""
    preferences = (part.partition(";")[0] for part in prefer.lower().split(","))
    return any(
        (name.strip(), value.strip().strip('"')) == ("handling", "strict")
        for name, _, value in (preference.partition("=") for preference in preferences)
    )
