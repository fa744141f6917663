"""How long texts are as SMS."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orders.texts.sms_length import Encoding, SmsLength, count_segments, cut_to_fit

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"
EMOJI = "\N{SLIGHTLY SMILING FACE}"

gsm_texts = st.text(st.sampled_from(BASIC + EXTENSION), max_size=2500)
ucs_texts = st.text(
    st.one_of(st.sampled_from(f"aåč{EMOJI}"), st.characters(exclude_categories=["Cs"])),
    max_size=1200,
).filter(lambda text: not set(text) <= set(BASIC + EXTENSION))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", SmsLength(Encoding.GSM_7, 0, 1)),
        ("Hei på deg, Østgård!", SmsLength(Encoding.GSM_7, 20, 1)),
        ("a" * 160, SmsLength(Encoding.GSM_7, 160, 1)),
        ("a" * 161, SmsLength(Encoding.GSM_7, 161, 2)),
        ("a" * 268, SmsLength(Encoding.GSM_7, 268, 2)),
        ("a" * 269, SmsLength(Encoding.GSM_7, 269, 3)),
        ("a" * 2144, SmsLength(Encoding.GSM_7, 2144, 16)),
        ("a" * 2145, SmsLength(Encoding.GSM_7, 2145, 17)),
        ("€" * 80, SmsLength(Encoding.GSM_7, 160, 1)),
        ("€" * 80 + "a", SmsLength(Encoding.GSM_7, 161, 2)),
        ("č" * 70, SmsLength(Encoding.UCS_2, 70, 1)),
        ("č" * 71, SmsLength(Encoding.UCS_2, 71, 2)),
        ("č" * 134, SmsLength(Encoding.UCS_2, 134, 2)),
        ("č" * 135, SmsLength(Encoding.UCS_2, 135, 3)),
        ("č" * 1072, SmsLength(Encoding.UCS_2, 1072, 16)),
        ("č" * 1073, SmsLength(Encoding.UCS_2, 1073, 17)),
        (EMOJI * 35, SmsLength(Encoding.UCS_2, 70, 1)),
    ],
)
def test_a_text_is_counted_as_it_will_be_sent(text: str, expected: SmsLength) -> None:
    assert count_segments(text) == expected


def test_an_escape_is_not_cut_from_its_character() -> None:
    # 133 + the euro's 2 do not fit 134, so each part ends one unit early.
    assert count_segments(("a" * 133 + "€") * 2).segments == 3
    assert count_segments("a" * 132 + "€" + "a" * 134).segments == 2


def test_an_emoji_is_not_cut_in_two() -> None:
    # 33 emojis fill 66 units of 67.
    assert count_segments(EMOJI * 67).segments == 3
    assert count_segments("č" + EMOJI * 33 + "č" + EMOJI * 33).segments == 2


@pytest.mark.parametrize("char", EXTENSION)
def test_a_character_of_the_extension_table_counts_two(char: str) -> None:
    assert count_segments(char) == SmsLength(Encoding.GSM_7, 2, 1)


@pytest.mark.parametrize("char", BASIC)
def test_a_character_of_the_alphabet_counts_one(char: str) -> None:
    assert count_segments(char) == SmsLength(Encoding.GSM_7, 1, 1)


@pytest.mark.parametrize(
    "char", ["ç", "`", "č", "“", "\N{RIGHT SINGLE QUOTATION MARK}", "\t", "\x1b", "\xa0", "—", "ë"]
)
def test_a_character_outside_the_alphabet_turns_the_whole_text_to_ucs_2(char: str) -> None:
    assert count_segments(f"a{char}").encoding is Encoding.UCS_2


def test_a_text_of_sixteen_parts_is_not_too_long_and_the_next_is() -> None:
    assert not count_segments("a" * 2144).is_too_long
    assert count_segments("a" * 2145).is_too_long
    assert count_segments("a" * 2145).longest == 2144
    assert count_segments("č" * 1073).longest == 1072


def parts_of(text: str, *, room: int, width: dict[str, int] | None) -> list[int]:
    """An independent reckoning: fill parts with whole characters."""
    parts = [0]
    for char in text:
        units = width.get(char, 1) if width is not None else len(char.encode("utf-16-be")) // 2
        if parts[-1] + units > room:
            parts.append(0)
        parts[-1] += units
    return parts


@given(gsm_texts)
@example("a" * 133 + "€" + "a" * 133)
def test_parts_of_gsm_7_hold_whole_characters(text: str) -> None:
    found = count_segments(text)
    width = dict.fromkeys(EXTENSION, 2)
    parts = parts_of(text, room=134, width=width)
    assert found.encoding is Encoding.GSM_7
    assert found.units == sum(parts)
    assert found.segments == (1 if found.units <= 160 else len(parts))


@given(ucs_texts)
def test_parts_of_ucs_2_hold_whole_characters(text: str) -> None:
    found = count_segments(text)
    parts = parts_of(text, room=67, width=None)
    assert found.encoding is Encoding.UCS_2
    assert found.units == sum(parts)
    assert found.segments == (1 if found.units <= 70 else len(parts))


@given(st.text(max_size=400), st.text(max_size=100))
def test_a_longer_text_never_needs_fewer_parts(text: str, more: str) -> None:
    assert count_segments(text + more).segments >= count_segments(text).segments


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a" * 2_144, 2_144),
        ("a" * 2_145, 2_144),
        ("æ" * 3_000, 2_144),
        ("€" * 1_100, 16 * 67),  # of two units each: none is cut in two
        ("ж" * 1_073, 1_072),
        ("\U0001f600" * 600, 16 * 33),
        ("a" * 1_500 + "ж" + "a" * 700, 1_500),  # more is left in GSM-7 than in UCS-2
        ("ж" + "a" * 1_500, 1_072),
    ],
)
def test_what_is_too_long_is_cut_to_sixteen_parts(text: str, left: int) -> None:
    cut = cut_to_fit(text)
    assert text.startswith(cut)
    assert len(cut) == left
    assert not count_segments(cut).is_too_long
