"""What the login says of itself before anything is typed."""

from tests.support.browser import browser
from tests.support.web import serving


async def test_the_form_says_whose_it_is_and_where_the_token_stands() -> None:
    for public, said in (
        (None, "To this porter."),
        ("https://porter.h.example/x", "To the porter at porter.h.example."),
    ):
        async with serving("a token", public_url=public) as house, browser(house.url) as one:
            text = (await one.get("/login")).text
            assert said in text
            assert "<code>web.token_file</code>" in text
