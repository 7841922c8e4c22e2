from agents.kernel.text import clean, visible


def test_clean_removes_whole_sequences():
    assert clean("a\x1b[31mred\x1b[0m\x1b]0;title\x07b") == "aredb"


def test_visible_keeps_everything_but_shows_it():
    assert visible("a\x1b\u202eb\\x1b") == "a\\x1b\\u202eb\\\\x1b"
