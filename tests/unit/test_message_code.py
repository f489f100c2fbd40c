"""What is to be copied stands apart from what is said."""

from hypothesis import given
from hypothesis import strategies as st

from alerts.message_code import Piece, pieces, plain


def test_words_between_backticks_and_statements_are_code() -> None:
    assert list(pieces("Run `pm2 list`, then SELECT a FROM b WHERE c = ';'; and look.")) == [
        Piece("Run "),
        Piece("pm2 list", code=True),
        Piece(", then "),
        Piece("SELECT a FROM b WHERE c = ';';", code=True, statement=True),
        Piece(" and look."),
    ]
    assert list(pieces("To map it: INSERT INTO a VALUES ('DLX', :'code');"))[1].statement


def test_a_mail_says_commands_without_their_marks() -> None:
    assert plain("Run `pm2 restart x` now.") == "Run pm2 restart x now."
    assert plain("one ` alone") == "one ` alone"


@given(st.lists(st.sampled_from((*"`';: ", "SELECT ", "UPDATE ", "x"))).map("".join))
def test_nothing_but_marks_is_lost(text: str) -> None:
    assert plain(text).replace("`", "") == text.replace("`", "")
