"""Whether something is said again: a table of sentences, and what holds of any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interaction.repeats import gist, marks, repeats

# The same said again, as models do from second to second.
AGAIN = [
    ("Someone is at the door.", "There is someone at the door now."),
    ("Someone is at the door.", "There's somebody at the door"),
    ("A person is at the door.", "Someone is at the door."),
    ("The pot is boiling over.", "The pot boils over."),
    ("Smoke is rising from the pan.", "I can see smoke rising from the pan."),
    ("A dog has come into the room.", "A dog just came into the room."),
    ("3 people", "There are three people now."),
    ("There are three people now.", "3 people"),
    ("A man in a red cap stands at the door.", "A man in a red cap is at the door."),
    ("It says 14:35.", "it says: 14:35!"),
    ("有人站在门口。", "现在有人站在门口了。"),
    ("有3个人。", "现在有三个人了。"),
    ("有一只狗进了房间。", "有1只狗进房间了。"),
]
# Paraphrases that are told again: nothing short of a model of meaning knows them, and none is sure enough.
TOLD_TWICE = [
    ("A dog has come into the room.", "A dog entered the room."),
    ("The screen now shows the word done.", "It says done on the screen now."),
    ("有人在向你挥手。", "有个人对着镜头招手。"),
]
NEWS = [
    ("91 percent.", "95 percent."),
    ("Two people are here.", "Three people are here."),
    ("2 cups and 3 plates.", "3 cups and 2 plates."),
    ("Someone is at the door.", "Someone left through the door."),
    ("A man stands at the door.", "A woman stands at the door."),
    ("A man stands at the door.", "A man stands at the door with a knife."),
    ("A dog has come into the room.", "A dog has left the room."),
    ("A dog has come into the room.", "A cat has come into the room."),
    ("A dog has come into the room.", "Another dog has come into the room."),
    ("A dog has come into the room.", "A dog has come into the room again."),
    ("The dog chases the cat.", "The cat chases the dog."),
    ("The cup is on the table.", "The cup fell off the table."),
    ("The water is not boiling yet.", "The water is boiling."),
    ("The water is boiling.", "The water isn't boiling."),
    ("The light is on.", "The light is off."),
    ("The door is open.", "The door is closed."),
    ("Someone walks towards the door.", "Someone walks away from the door."),
    ("Smoke is rising from the pan.", "Flames are rising from the pan."),
    ("The child is on the chair.", "The child is under the chair."),
    ("The red car stopped.", "The blue car stopped."),
    ("Someone came in on the left.", "Someone came in on the right."),
    ("有人站在门口。", "有人离开了门口。"),
    ("锅里的水开了。", "锅里的水干了。"),
    ("一只狗进了房间。", "一只猫进了房间。"),
    ("一只狗进了房间。", "又一只狗进了房间。"),
    ("一只狗进了房间。", "两只狗进了房间。"),
    ("门开了。", "门关了。"),
    ("灯亮了。", "灯灭了。"),
    ("有人从左边进来了。", "有人从右边进来了。"),
    ("孩子坐在椅子上。", "孩子从椅子上摔下来了。"),
]
VOCABULARY = "the a dog cat red blue two 2 91 95 left on off not someone boils boiling door now 有 人 门 三 3 不 左"
WORDS = st.sampled_from(VOCABULARY.split())


@pytest.mark.parametrize(("old", "new"), AGAIN)
def test_the_same_in_other_words_is_a_repeat(old: str, new: str) -> None:
    assert repeats(gist(new), gist(old))


@pytest.mark.parametrize(("old", "new"), NEWS + TOLD_TWICE)
def test_what_was_not_said_is_none(old: str, new: str) -> None:
    assert not repeats(gist(new), gist(old))


@given(st.lists(WORDS, max_size=8), st.lists(WORDS, max_size=8))
def test_a_repeat_has_the_same_marks_and_no_word_of_its_own(old: list[str], new: list[str]) -> None:
    said, said_again = gist(" ".join(old)), gist(" ".join(new))
    assert not said or repeats(said, said)
    if repeats(said_again, said):
        assert marks(said_again) == marks(said) and set(said_again) <= set(said)


@given(st.integers(2, 99), st.integers(2, 99))
def test_numbers_decide_whatever_stands_around_them(a: int, b: int) -> None:
    assert repeats(gist(f"now there are {a} people"), gist(f"{b} people.")) == (a == b)


@given(st.text(max_size=300))
def test_any_text_has_a_gist(text: str) -> None:
    assert gist(text) == gist(text) and all(gist(text))
