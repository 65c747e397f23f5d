"""Origins: which pages may change something here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.web.origins import Origin, is_from_allowed_page, parsed_origin

_OWN = Origin("http", "127.0.0.1", 8001)
_FRIEND = Origin("https", "panel.example.org", 443)


def _passes(origins: list[bytes], fetch_sites: list[bytes] | None = None) -> bool:
    return is_from_allowed_page(
        origins=origins, fetch_sites=fetch_sites or [], own=_OWN, allowed=frozenset({_FRIEND})
    )


@pytest.mark.parametrize(
    "origin",
    [b"http://127.0.0.1:8001", b"https://panel.example.org", b"https://PANEL.example.org:443"],
)
def test_our_own_and_allowed_pages_may_change_things(origin: bytes) -> None:
    assert _passes([origin])


@pytest.mark.parametrize(
    "origin",
    [
        b"null",
        b"",
        b"https://evil.example",
        b"http://127.0.0.1",
        b"http://127.0.0.1:8002",
        b"https://127.0.0.1:8001",
        b"http://127.0.0.1:8001.evil.example",
        b"http://127.0.0.1:8001@evil.example",
        b"http://evil.example#http://127.0.0.1:8001",
        b"http://127.0.0.1:8001/",
        b"http://127.0.0.1:8001 https://evil.example",
        b"file://",
        b"https://panel.example.org.evil.example",
        b"http://panel.example.org",
        b"http://127.0.0.1:99999",
        b"\xff",
    ],
)
def test_foreign_and_malformed_origins_may_not(origin: bytes) -> None:
    assert not _passes([origin])


def test_several_origins_are_refused_even_if_one_is_ours() -> None:
    assert not _passes([b"http://127.0.0.1:8001", b"http://127.0.0.1:8001"])


def test_a_program_without_either_header_may_change_things() -> None:
    assert _passes([])


@pytest.mark.parametrize(
    ("site", "passes"),
    [(b"same-origin", True), (b"none", True), (b"cross-site", False), (b"same-site", False)],
)
def test_without_an_origin_the_browsers_word_about_the_site_counts(
    site: bytes, *, passes: bool
) -> None:
    assert _passes([], [site]) is passes


@given(st.text(max_size=40))
def test_nothing_but_an_exact_origin_is_one(text: str) -> None:
    origin = parsed_origin(text)

    assert origin is None or text.lower().startswith(f"{origin.scheme}://")
