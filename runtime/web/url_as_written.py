"""A URL that is called exactly as it was written: a signature in it may cover every character."""

import re
from urllib.parse import urljoin, urlsplit

from yarl import URL

# RFC 3986, section 2: https://www.rfc-editor.org/rfc/rfc3986#section-2
_WELL_WRITTEN = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")


def url_as_written(text: str) -> URL:
    """The URL with path and query left as they are; host and port are read as everywhere.

    `URL` by itself writes some escapes in another way, and takes others away. Only what cannot
    stand in a URL unescaped is escaped. Raises ValueError for what is no URL.
    """
    url = URL(text)
    if not url.raw_host or _WELL_WRITTEN.fullmatch(text) is None:
        return url
    parts = urlsplit(text)
    return URL.build(
        scheme=url.scheme,
        authority=url.raw_authority,
        path=parts.path or "/",
        query_string=parts.query,
        encoded=True,
    )


def joined_as_written(base: URL, location: str) -> URL:
    """Where a redirect leads: `location` as it was written, which may be relative to `base`.

    RFC 3986, 5.2: https://www.rfc-editor.org/rfc/rfc3986#section-5.2
    Raises ValueError for what is no URL.
    """
    return url_as_written(urljoin(str(base), location))
