"""Which numbers SMS may be sent to, and how numbers of the registers are read."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipients.mobile_numbers import from_register, is_mobile_number, to_e164

NORWEGIAN = st.from_regex(r"[49][0-9]{7}", fullmatch=True)
REGIONS_WITH_MOBILES = sorted(
    region
    for region in phonenumbers.SUPPORTED_REGIONS - {"NO", "SJ"}
    if phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
)


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("+4740000001", "+4740000001"),
        ("004740000000", "+4740000000"),
        ("+4790000000", "+4790000000"),
        ("004790000002", "+4790000002"),
        ("+4799999999", "+4799999999"),
        ("004799999999", "+4799999999"),
        ("+4740085041", "+4740085041"),
        ("+233242426224", "+233242426224"),
        ("00233242426224", "+233242426224"),
        ("+47 99999999", "+4799999999"),
        ("+47 99999999 ", "+4799999999"),
        ("+47 9999 9999", "+4799999999"),
        ("+47 99 99 99 99 ", "+4799999999"),
        ("0047 999 99 999", "+4799999999"),
        ("+47\u00a0999\u00a099\u00a0999", "+4799999999"),
        ("+47-999-99-999", "+4799999999"),
        ("+44 (0)7911 123456", "+447911123456"),
        ("+39 312 345 6789", "+393123456789"),
        ("+47\u2011999\u201199\u2011999", "+4799999999"),
        ("+47\u2009999.99.999\u202c", "+4799999999"),
    ],
)
def test_a_number_with_its_country_code_is_accepted(text: str, e164: str) -> None:
    assert is_mobile_number(text)
    assert to_e164(text) == e164


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "40000001",
        "90000000",
        "12345678",
        "55555555",
        "111100000",
        "1111000000",
        "1234567890",
        "dasdsadSASA",
        "abcdefg",
        "invalid-phone",
        "+47invalidChar",
        "12345",
        "+47",
        "+",
        "00",
        "+479999999",
        "+479999999999",
        "+47900000001",
        "+4750000004",
        "+4712345678",
        "+14790000000",
        "++4740000000",
        "00+4740000000",
        "+004740000000",
        " +4799999999",
        " +47 99999999",
        "tel:+4799999999",
        "+4799999999/+4799999998",
        "+4799999999\n",
        "\uff0b4799999999",
        "+47٩٩٩٩٩٩٩٩",
        "+" + "4" * 300,
    ],
)
def test_any_other_text_is_refused(text: str) -> None:
    assert not is_mobile_number(text)


@pytest.mark.parametrize(
    "text",
    ["+4722222222", "+4755555555", "+4760000000", "+475800000000", "0047500000000", "+4779000000"],
)
def test_a_norwegian_number_begins_with_4_or_9(text: str) -> None:
    assert not is_mobile_number(text)


@pytest.mark.parametrize("text", ["+4702000", "+4702800", "004702800", "+47 02800", "+4799999"])
def test_a_norwegian_number_of_five_digits_is_refused(text: str) -> None:
    assert not is_mobile_number(text)


@pytest.mark.parametrize("text", ["+47999AAAAA", "+1800FLOWERS", "+47\uff21\uff22\uff2399999"])
def test_a_number_with_letters_is_refused(text: str) -> None:
    assert not is_mobile_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "+4799999999;ext=5",
        "+4799999999 ext 5",
        "+4799999999x5",
        "+4799999999#5",
        "+4799999999~5",
        "+4799999999,,5",
    ],
)
def test_a_number_with_an_extension_is_refused(text: str) -> None:
    assert not is_mobile_number(text)


@given(NORWEGIAN)
def test_a_norwegian_number_is_the_same_in_all_notations(digits: str) -> None:
    plain = f"+47{digits}"
    assert is_mobile_number(plain)
    assert to_e164(plain) == plain
    for other in (
        f"0047{digits}",
        f"+47 {digits[:3]} {digits[3:]} ",
        f"+47-{digits}",
    ):
        assert is_mobile_number(other)
        assert to_e164(other) == plain


@given(NORWEGIAN)
def test_the_library_reads_a_plain_norwegian_number_as_we_do(digits: str) -> None:
    parsed = phonenumbers.parse(f"+47{digits}", None)
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    assert e164 == to_e164(f"+47{digits}")


@given(st.from_regex(r"\+47 ?[0-9]{4,9}", fullmatch=True))
def test_a_norwegian_mobile_of_the_library_is_ours_too(text: str) -> None:
    parsed = phonenumbers.parse(text, None)
    is_mobile = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE
    if is_mobile and str(parsed.national_number)[0] in "49":
        assert is_mobile_number(text)


def test_a_plain_norwegian_number_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted(*arguments: object) -> None:
        raise AssertionError("the library was asked")

    monkeypatch.setattr(phonenumbers, "parse", unwanted)
    assert is_mobile_number("+4799999999")
    assert to_e164("+4799999999") == "+4799999999"
    with pytest.raises(AssertionError):
        is_mobile_number("+233242426224")


@pytest.mark.parametrize("region", REGIONS_WITH_MOBILES)
def test_a_mobile_number_of_any_other_country_is_accepted(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    written = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    for text in (e164, f"00{e164[1:]}", written):
        assert is_mobile_number(text)
        assert to_e164(text) == e164


@given(st.text(alphabet="+0123456789 ()-.;x#", max_size=25))
def test_what_is_accepted_has_an_e164_form_that_is_accepted(text: str) -> None:
    if is_mobile_number(text):
        e164 = to_e164(text)
        assert e164[0] == "+"
        assert e164[1:].isdecimal()
        assert is_mobile_number(e164)
        assert to_e164(e164) == e164


@pytest.mark.parametrize(
    ("registered", "number"),
    [
        ("99315000", "+4799315000"),
        ("40000001", "+4740000001"),
        ("+4799315000", "+4799315000"),
        ("4123", "4123"),
        ("81549300", "81549300"),
        ("+4699999999", "+4699999999"),
        ("00233517846", "+233517846"),
        ("004799999999", "+4799999999"),
        ("", ""),
        (" 99315000 ", "+4799315000"),
        ("99 31 50 00", "+4799315000"),
        ("9931500A", "9931500A"),
        ("993150001", "993150001"),
        ("930\u00a000\u00a0052", "+4793000052"),
        ("930-00-054", "+4793000054"),
        ("930.00.055", "+4793000055"),
        ("4793000056", "+4793000056"),
        ("(+47) 93000060", "+4793000060"),
        ("+4793000061\u202c", "+4793000061"),
        ("\u202a+4793000062\u202c", "+4793000062"),
        ("+47\t93000073", "+4793000073"),
        ("00 47 930 00 063", "+4793000063"),
        ("0047-930/00/063", "+4793000063"),
        ("\uff0b47 \uff19\uff13\uff10\uff10\uff1006\uff13", "+4793000063"),
        ("0046 70-174 06 05", "+46701740605"),
        ("93000052 / 93000053", "93000052 / 93000053"),
        ("93000052x5", "93000052x5"),
        ("tlf. 93000052", "tlf. 93000052"),
        ("++4793000052", "++4793000052"),
        ("4722334455", "4722334455"),
    ],
)
def test_a_number_of_the_registers_gets_its_country_code_where_it_is_certain(
    registered: str, number: str
) -> None:
    assert from_register(registered) == number


SEPARATORS = st.text(
    " \t\u00a0\u2009\u202f-\u2010\u2011\u2013.()/\u200b\u202a\u202c\ufeff\u00ad", max_size=2
)


@given(NORWEGIAN, st.sampled_from(["", "47", "+47", "0047"]), st.data())
def test_case_09_a_norwegian_number_of_a_register_is_certain_whatever_stands_between(
    digits: str, prefix: str, data: st.DataObject
) -> None:
    written = "".join(data.draw(SEPARATORS) + char for char in prefix + digits)
    assert from_register(written + data.draw(SEPARATORS)) == f"+47{digits}"


@given(st.text(alphabet="+0479 ()-x\u202a", max_size=14))
def test_what_the_registers_hold_is_a_number_in_its_one_form_or_none(text: str) -> None:
    number = from_register(text)
    if is_mobile_number(number):
        assert to_e164(number)[1:].isdecimal()
        assert from_register(number) == number
