"""A URL is called as it was written, wherever that can be called."""

import pytest

from runtime.web.url_as_written import joined_as_written, url_as_written


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


@pytest.mark.parametrize(
    ("location", "called"),
    [
        ("/%7e?sig=%2b%7E", "https://a.no/%7e?sig=%2b%7E"),
        ("y%2f/?sig=%3a", "https://a.no/x/y%2f/?sig=%3a"),
        ("?sig=%2b", "https://a.no/x/%7ez?sig=%2b"),
        ("//b.no/%7E", "https://b.no/%7E"),
        ("http://b.no:81/%7e?%2b", "http://b.no:81/%7e?%2b"),
        ("../%7e/./z", "https://a.no/%7e/z"),
        ("å", "https://a.no/x/%C3%A5"),
    ],
)
def test_a_redirect_leads_where_it_says_however_it_says_it(location: str, called: str) -> None:
    base = url_as_written("https://a.no/x/%7ez?q=%3A")
    assert str(joined_as_written(base, location)) == called


@pytest.mark.parametrize("location", ["//[", "https://a.no:x/"])
def test_a_redirect_to_what_is_no_url_is_told(location: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        joined_as_written(url_as_written("https://a.no/"), location)
