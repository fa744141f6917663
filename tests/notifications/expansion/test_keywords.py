"""$recipientName$ and $recipientNumber$ are replaced, and nothing else is."""

import pytest

from notifications.expansion.keywords import Values, fill, has_keywords

ACME = Values(name="ACME", number="123456789")
OLA = Values(name="Ola", number="")
NAMELESS = Values(name="", number="")


@pytest.mark.parametrize(
    ("text", "values", "filled"),
    [
        ("Hi $recipientName$ $recipientNumber$", ACME, "Hi ACME 123456789"),
        ("Hi $recipientName$ $recipientNumber$", OLA, "Hi Ola "),
        ("Hi $recipientName$!", NAMELESS, "Hi !"),
        ("$recipientName$, $recipientName$", OLA, "Ola, Ola"),
        ("$recipientNumber$$recipientNumber$", ACME, "123456789123456789"),
        ("$recipientNumber$$recipientName$", ACME, "123456789ACME"),
        ("$recipientname$ $RECIPIENTNUMBER$", ACME, "$recipientname$ $RECIPIENTNUMBER$"),
        ("$recipient Name$ recipientName", ACME, "$recipient Name$ recipientName"),
        ("$$recipientName$$", OLA, "$Ola$"),
        ("Hei", ACME, "Hei"),
        ("", ACME, ""),
    ],
)
def test_every_keyword_is_replaced(text: str, values: Values, filled: str) -> None:
    assert fill(text, values) == filled


def test_a_name_that_holds_a_keyword_is_taken_literally() -> None:
    sly = Values(name="$recipientNumber$ $recipientName$", number="$recipientName$")
    text = "$recipientName$|$recipientNumber$"
    assert fill(text, sly) == "$recipientNumber$ $recipientName$|$recipientName$"


@pytest.mark.parametrize("name", [r"\1\g<0>", "100 %s {0} $1", "Åse 👋"])
def test_a_name_may_hold_any_character(name: str) -> None:
    assert fill("Hei $recipientName$", Values(name, "")) == f"Hei {name}"


def test_a_name_cannot_be_markup_in_html() -> None:
    text = "<p>$recipientName$</p>"
    name = Values("""<b onclick="x('y')">Sønn & Co""", "")
    escaped = "<p>&lt;b onclick=&quot;x(&#x27;y&#x27;)&quot;&gt;Sønn &amp; Co</p>"
    assert fill(text, name, html=True) == escaped
    assert fill(text, name) == f"<p>{name.name}</p>"


@pytest.mark.parametrize(
    ("texts", "have"),
    [
        (["$recipientName$"], True),
        (["a $recipientNumber$ b"], True),
        (["nothing", None, "$recipientName$"], True),
        (["nothing", None], False),
        (["$recipientname$"], False),
        ([], False),
    ],
)
def test_texts_are_searched_for_keywords(texts: list[str | None], have: bool) -> None:
    assert has_keywords(*texts) is have
