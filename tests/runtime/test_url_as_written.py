"""A URL is called as it was written, wherever that can be called."""

import pytest

from runtime.url_as_written import url_as_written


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("https://a.no", "https://a.no/"),
        ("https://a.no?x", "https://a.no/?x"),
        ("HTTPS://A.NO:443/%7e%3A/./?n=%3A%2f#part", "https://a.no/%7e%3A/./?n=%3A%2f"),
        ("https://a.no:8443/x", "https://a.no:8443/x"),
        ("http://[::1]:80/%2F", "http://[::1]/%2F"),
        ("https://u:p@a.no/%2f", "https://u:p@a.no/%2f"),
        # What cannot stand in a URL is escaped.
        ("https://æøå.no/å?ø=%C3%A5 b", "https://xn--5cab8c.no/%C3%A5?%C3%B8=%C3%A5+b"),
        ("https://a.no/%zz|", "https://a.no/%25zz%7C"),
        ("/condition/%74rue", "/condition/true"),
    ],
)
def test_path_and_query_stay_as_they_are(written: str, called: str) -> None:
    assert str(url_as_written(written)) == called
