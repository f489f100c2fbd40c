"""The address of a state in PostgreSQL: what leads somewhere, and what never shows."""

import pytest

from daemon.state_address import passwords_in, postgres_address


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://db/nightporter", "postgresql://db/nightporter"),
        ("postgres://porter:s3cret@db.example:6432/nightporter", "postgresql://db.example:6432/nightporter"),
        ("postgresql://porter:p%40ss%2F@[::1]:5432/np?sslmode=verify-full", "postgresql://[::1]:5432/np"),
        (
            "postgresql://porter@a:5432,b:5432/np?target_session_attrs=primary",
            "postgresql://a:5432,b:5432/np",
        ),
        ("postgresql://porter@/np?host=/run/postgresql", "postgresql:///run/postgresql/np"),
    ],
)
def test_an_address_is_shown_without_user_and_password(url: str, shown: str) -> None:
    assert str(postgres_address(url)) == shown


@pytest.mark.parametrize(
    "url",
    [
        "mysql://porter:s3cret@db/np",
        "postgresql://porter:s3cret@db",
        "postgresql://porter:s3cret@/np",
        "postgresql://porter:s3/cret@db/np",
        "postgresql://porter:s3@cret@db/np",
        "postgresql://porter:s3#cret@db/np",
        "postgresql://porter:s3?cret@db/np",
        "postgresql://porter:s3 cret@db/np",
        "postgresql://porter:s3cret@db:port/np",
        "postgresql://porter:s3cret@db/np/more",
        "postgresql://porter:s3cret@db/np?sslmode",
        "postgresql://porter:s3cret@[db/np",
    ],
)
def test_an_address_that_leads_nowhere_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ValueError, match="must be postgresql://user@host/database") as caught:
        postgres_address(url)
    assert "cret" not in str(caught.value)
    assert "s3" not in str(caught.value)


def test_a_parameter_that_the_server_would_choke_on_is_refused() -> None:
    with pytest.raises(ValueError, match="does not take `application_nam` after the"):
        postgres_address("postgresql://db/np?application_nam=x")
    with pytest.raises(ValueError, match="takes as sslmode one of disable, allow, prefer"):
        postgres_address("postgresql://db/np?sslmode=yes")


def test_the_password_is_known_as_written_and_as_meant() -> None:
    assert passwords_in("postgresql://porter:p%40ss@db/np") == {"p%40ss", "p@ss"}
    assert passwords_in("postgresql://porter@db/np") == set()
    assert passwords_in("sqlite:////var/lib/state.db") == set()
