"""What is new in a text against the one before."""

import pytest

from runtime.word_changes import changed


@pytest.mark.parametrize(("before", "text", "new"), [
    ("", "a fox", []), ("a fox sits", "a fox sits", []), ("a fox sits.", "a fox leaps.", ["leaps."]),
    ("a fox", "a red fox in snow", ["red ", "in snow"]), ("a b c", "c", []), ("day", "Day, again", ["again"])])
def test_only_what_is_new_is_marked_and_nothing_is_lost(before, text, new):
    found = changed(before, text)
    assert [one.text for one in found if one.new] == new
    assert "".join(one.text for one in found) == text
