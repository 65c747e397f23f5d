"""Secrets that are not shown by accident."""

import json

import pytest

from appliance.base.secret import Secret


def test_no_text_form_shows_it() -> None:
    secret = Secret("hunter2")

    assert "hunter2" not in f"{secret} {secret!r} {[secret]} {secret:}"
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_whoever_needs_it_asks_for_it() -> None:
    assert Secret("hunter2").reveal() == "hunter2"
    assert Secret("hunter2") == Secret("hunter2")
    assert not Secret("")
