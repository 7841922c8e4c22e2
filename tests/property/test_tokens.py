"""What texts come to in tokens, where nobody has counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cascade.tokens import estimate, fewest, tokens, weight

COUNTED = {
    "In the evening the lamps are lit, the hall is warm, and nobody hurries.": (17, 18),
    "Вечером зажигают лампы, в зале тепло, и каждого, кто входит, спрашивают, что он видел по дороге.": (35, 44),
    "傍晚点起了灯，大厅里很暖和，每个进来的人都会被问起路上看见了什么。没有人着急。": (26, 46),
    "夕方になると灯りがともり、広間は暖かく、入ってくる人は道で何を見たかと尋ねられる。": (31, 50),
    "저녁이 되면 등불을 켜고, 홀은 따뜻하며, 들어오는 사람마다 길에서 무엇을 보았는지 묻는다.": (28, 64),
    "في المساء تضاء المصابيح وتكون القاعة دافئة ويسأل كل من يدخل عما رآه في الطريق": (22, 69),
    "ตอนเย็นจุดตะเกียง ห้องโถงอบอุ่น และใครที่เข้ามาก็ถูกถามว่าเห็นอะไรมาบ้างระหว่างทาง": (41, 83),
    "ማታ መብራቶች ይበራሉ አዳራሹ ሞቃት ነው የገባም ሁሉ በመንገድ ያየውን ይጠየቃል": (64, 118),
}
"""The fewest and the most tokens that four tokenisers made of each (docs/adr/0043)."""


@pytest.mark.parametrize("text", COUNTED)
def test_what_a_text_costs_is_guessed_by_its_script(text: str) -> None:
    least, most = COUNTED[text]
    assert 0.7 * most <= estimate(text) <= 1.15 * most
    assert fewest(text) <= least


@given(st.text(), st.text())
def test_weights_add_up_and_no_text_costs_less_than_its_fewest(one: str, other: str) -> None:
    assert weight(one) + weight(other) == weight(one + other)
    assert estimate(one, other) == tokens(weight(one) + weight(other)) >= estimate(one) >= 0
    assert fewest(one, other) >= fewest(one) + fewest(other)


def test_four_letters_are_a_token_and_a_digit_is_one() -> None:
    assert (estimate("abcd" * 10), estimate("12345678"), estimate(""), fewest("two words, and 3 more")) == (10, 8, 0, 4)
