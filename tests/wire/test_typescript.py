"""The panel's copy of the wire is this program's wire."""

from __future__ import annotations

import re

import pytest

from soundmesh.wire import messages as m
from soundmesh.wire import typescript


def test_the_generated_file_is_fresh() -> None:
    assert typescript.TARGET.read_text(encoding="utf-8") == typescript.render()


def test_every_message_has_an_interface_with_its_tag() -> None:
    text = typescript.render()
    for one in (*m.ClientMessage.__args__, *m.ServerMessage.__args__):
        tag = one.__struct_config__.tag
        assert re.search(rf'interface {one.__name__} {{\n  readonly t: "{tag}";', text)


def test_only_what_a_client_says_may_leave_a_field_out() -> None:
    text = typescript.render()
    assert "readonly cancel?: boolean;" in text
    assert "readonly invite: DoorInvite | null;" in text


def test_check_tells_a_stale_file(tmp_path, monkeypatch, capsys) -> None:
    target = tmp_path / "src" / "messages.ts"
    monkeypatch.setattr(typescript, "TARGET", target)
    assert typescript.main(["--check"]) == 1
    assert "stale" in capsys.readouterr().err
    assert typescript.main([]) == 0
    assert typescript.main(["--check"]) == 0


def test_a_type_without_a_spelling_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(TypeError):
        typescript._Writer().name(typescript.mi.BytesType())
