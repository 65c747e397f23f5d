"""Files that browsers save: under their own name, whatever it is, and never as a page of ours."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.web.attachments import attachment_headers


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("informe.pdf", 'attachment; filename="informe.pdf"'),
        ("señal 1.txt", "attachment; filename=\"se_al 1.txt\"; filename*=UTF-8''se%C3%B1al%201.txt"),
        ('a".txt', "attachment; filename=\"a_.txt\"; filename*=UTF-8''a%22.txt"),
        ("a\r\nSet-Cookie: x=1", "attachment; filename=\"a__Set-Cookie: x=1\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1"),
        ("\ud83d.txt", "attachment; filename=\"?.txt\"; filename*=UTF-8''%3F.txt"),
    ],
)  # fmt: skip
def test_a_name_travels_in_both_forms(name: str, disposition: str) -> None:
    assert attachment_headers(name, media_type="text/plain")["Content-Disposition"] == disposition


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=100))
def test_no_name_breaks_out_of_its_header_and_every_name_arrives(name: str) -> None:
    value = attachment_headers(name, media_type="text/plain")["Content-Disposition"]

    match = re.fullmatch(
        r"attachment; filename=\"([^\"\\\r\n]*)\"(?:; filename\*=UTF-8''(\S+))?", value
    )
    assert match
    assert value.isascii()
    assert (unquote(match[2]) if match[2] else match[1]) == name


def test_what_is_opened_all_the_same_can_do_nothing() -> None:
    headers = attachment_headers("a.html", media_type="text/html")

    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
