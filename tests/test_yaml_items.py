"""A list of blocks in a YAML text, changed item by item: what stays keeps its bytes."""

import pytest
from ruamel.yaml import YAML

from runtime.yaml_items import Item, rearranged

TEXT = """\
title: T   # the film
segments:
  # the first
  - index: 1
    words: >-
      a long
      line
  - {index: 2}

  # the third
  - index: 3   # three
    words: 'c'
# the end
tail: x
"""
BLOCKS = [{"index": 1, "words": "a"}, {"index": 2, "words": "b"}, {"index": 3, "words": "c"}]
PLAIN = TEXT.replace("  - {index: 2}\n", "  - index: 2\n    words: b\n").replace("  # the first\n", "")
NEW = "something that is too long for a line with other things"


def kept(source, **new):
    return Item(source, BLOCKS[source], {**BLOCKS[source], **new})


def test_nothing_changes_where_nothing_is_new():
    assert rearranged(PLAIN, "segments", [kept(0), kept(1), kept(2)]) == PLAIN


def test_an_item_that_goes_takes_its_comment_along_and_nothing_else():
    text = rearranged(PLAIN, "segments", [kept(0), kept(1)])
    assert text == PLAIN.replace("\n  # the third\n  - index: 3   # three\n    words: 'c'\n", "")


def test_an_item_that_moves_keeps_its_comments_and_quotes():
    text = rearranged(PLAIN, "segments", [kept(0), kept(2, index=2)])
    assert text is not None and "  # the third\n  - index: 2   # three\n    words: 'c'\n# the end\ntail: x\n" in text


def test_a_new_item_stands_where_it_belongs_indented_like_the_others():
    text = rearranged(PLAIN, "segments", [kept(0), Item(None, {}, {"index": 2, "words": NEW}), kept(2)])
    assert text is not None
    assert [one["words"] for one in YAML(typ="safe").load(text)["segments"]] == ["a long line", NEW, "c"]
    assert f"\n  - index: 2\n    words: {NEW}\n" in text


def test_a_changed_item_leaves_the_bytes_around_it_alone():
    text = rearranged(PLAIN, "segments", [kept(0, words="quite another long line"), kept(1), kept(2)])
    assert text is not None and text.endswith(PLAIN[PLAIN.index("  - index: 2\n"):])
    assert YAML(typ="safe").load(text)["segments"][0]["words"] == "quite another long line"


@pytest.mark.parametrize("text", [
    TEXT, "segments: [{index: 1}]\n", "segments: []\n", "title: T\n", PLAIN.replace("\n", "\r\n")])
def test_a_list_that_is_not_in_blocks_is_left_to_others(text):
    assert rearranged(text, "segments", [kept(0)]) is None
