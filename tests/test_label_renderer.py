"""The file that draws labels: it is the one whose hash the addon names, or it is replaced, or the command fails in words."""

import base64
import hashlib
import json

import pytest

from scripts import label_renderer, places
from scripts.console import Failure

CONTENT = b"draws labels"
INTEGRITY = "sha384-" + base64.b64encode(hashlib.sha384(CONTENT).digest()).decode()


@pytest.fixture
def npm(monkeypatch, tmp_path):
    """What npm would have installed; how often it was asked."""
    source = tmp_path / "node_modules" / label_renderer.FROM_PACKAGE
    source.parent.mkdir(parents=True)
    source.write_bytes(CONTENT)
    asked = []
    monkeypatch.setattr(
        label_renderer, "node_modules", lambda folder: asked.append(folder) or tmp_path / "node_modules"
    )
    monkeypatch.setattr(label_renderer, "expected", lambda: (tmp_path / "lib" / "renderer.js", INTEGRITY))
    return asked, source


def test_a_missing_file_is_brought_once(npm, tmp_path):
    asked, _source = npm
    assert label_renderer.bring().read_bytes() == CONTENT
    assert label_renderer.bring() == tmp_path / "lib" / "renderer.js"
    assert asked == [label_renderer.PACKAGE]
    assert [path.name for path in (tmp_path / "lib").iterdir()] == ["renderer.js"]


def test_a_damaged_file_is_replaced(npm):
    path = label_renderer.bring()
    path.write_bytes(CONTENT[:5])
    assert label_renderer.bring().read_bytes() == CONTENT


def test_another_file_than_the_addon_names_is_not_taken(npm, tmp_path, capsys):
    _asked, source = npm
    source.write_bytes(b"something else")
    with pytest.raises(Failure, match="not the file whose hash"):
        label_renderer.bring()
    assert not (tmp_path / "lib").exists()
    label_renderer.try_to_bring()
    assert "No pictures of labels" in "".join(capsys.readouterr())


def test_the_addon_names_the_version_that_is_pinned():
    path, integrity = label_renderer.expected()
    lock = json.loads((label_renderer.PACKAGE / "package-lock.json").read_text(encoding="utf-8"))
    package = lock["packages"]["node_modules/zpl-renderer-js"]
    assert path.parent.name == package["version"]
    assert package["integrity"].startswith("sha512-")
    assert integrity.startswith("sha384-")
    assert path.is_relative_to(places.ADDON / "static" / "lib")
    licence = (path.parent.parent / "LICENSE.txt").read_text(encoding="utf-8")
    assert f"zpl-renderer-js {package['version']}" in licence


def test_git_leaves_the_file_alone():
    path, _integrity = label_renderer.expected()
    pattern = (places.CHECKOUT / ".gitignore").read_text(encoding="utf-8")
    assert f"/{path.parent.parent.relative_to(places.CHECKOUT)}/*/" in pattern.splitlines()
