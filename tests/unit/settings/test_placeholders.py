"""What nobody has filled in: refused where it cannot work, warned of where it would reach others."""

from pathlib import Path

import pytest

from tests.unit.settings.test_load import HEAD, settings_of


def warned(directory: Path, url: str) -> set[str]:
    settings = settings_of(directory, f"{HEAD}integrations: {{payment: {{url: '{url}'}}}}\n")
    return {one.message for one in settings.warnings if one.path == "integrations.payment.url"}


@pytest.mark.parametrize(
    "name", ["api.your-gateway.com", "smtp.your-hotel.com", "your-provider.com", "A.Your-Hotel.com"]
)
def test_a_name_of_the_pages_examples_is_warned_of(tmp_path: Path, name: str) -> None:
    assert warned(tmp_path, f"https://{name}") == {f"{name} is the name of an example; put your own there"}


@pytest.mark.parametrize(
    "name", ["api.our-gateway.com", "not-your-hotel.com", "your-hotel.com.pt", "your-hotel.community"]
)
def test_a_name_like_one_is_not(tmp_path: Path, name: str) -> None:
    assert warned(tmp_path, f"https://{name}") == set()
