"""Which texts name a person or an organisation."""

import pytest

from recipients.identifiers import is_national_identity_number, is_organization_number


@pytest.mark.parametrize("text", ["16069412345", "00000000000", "11876995923"])
def test_eleven_digits_are_a_national_identity_number(text: str) -> None:
    assert is_national_identity_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab069412345",
        "123456784651",
        "123456789",
        "1606941234",
        " 16069412345",
        "16069412345\n",
        "١٦٠٦٩٤١٢٣٤٥",
    ],
)
def test_anything_else_is_no_national_identity_number(text: str) -> None:
    assert not is_national_identity_number(text)


@pytest.mark.parametrize("text", ["123456789", "311000179", "000000000"])
def test_nine_digits_are_an_organization_number(text: str) -> None:
    assert is_organization_number(text)


@pytest.mark.parametrize(
    "text", ["", "12345678", "abc456789", "123456", "1234567890", "123456789\n", "١٢٣٤٥٦٧٨٩"]
)
def test_anything_else_is_no_organization_number(text: str) -> None:
    assert not is_organization_number(text)
