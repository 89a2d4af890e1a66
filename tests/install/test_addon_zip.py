"""`make addon`: what is in the zip, that it is the same each time, and that Odoo installs the addon from it."""

import zipfile
from pathlib import Path

import pytest

from scripts import addon, label_renderer, places
from scripts.databases import base_template, temporary_copy
from scripts.postgres import running_cluster
from tests.install.installation import MODULE, complaints, run


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    """A folder for Odoo's `addons_path` with the addon as it comes from the zip."""
    folder = tmp_path_factory.mktemp("addons")
    with zipfile.ZipFile(addon.build(tmp_path_factory.mktemp("zip"))) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


def test_what_is_in_it(unpacked: Path):
    assert [path.name for path in unpacked.iterdir()] == [MODULE]
    files = [path for path in unpacked.rglob("*") if path.is_file()]
    names = {path.relative_to(unpacked).as_posix() for path in files}
    for name in (
        "__manifest__.py",
        "i18n/de.po",
        "static/worker/draw_label.js",
        "static/lib/zpl-renderer-js/LICENSE.txt",
    ):
        assert f"{MODULE}/{name}" in names
    path, integrity = label_renderer.expected()
    assert label_renderer.integrity_of(unpacked / path.relative_to(places.CHECKOUT)) == integrity
    leftovers = [
        name for name in names if "__pycache__" in name or name.endswith((".pyc", ".orig", ".rej", ".log", "~"))
    ]
    assert leftovers == []


def test_what_git_does_not_know_is_left_out_and_the_zip_is_the_same(tmp_path: Path):
    first = addon.build(tmp_path / "first")
    stray = places.ADDON / "static" / "stray-file-of-a-test.txt"
    stray.touch()
    try:
        second = addon.build(tmp_path / "second")
    finally:
        stray.unlink()
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        names = archive.namelist()
    assert names == sorted(names)
    assert not [name for name in names if "stray" in name]


def test_without_the_renderer(tmp_path: Path):
    path, _integrity = label_renderer.expected()
    with zipfile.ZipFile(addon.build(tmp_path, with_renderer=False)) as archive:
        names = set(archive.namelist())
    with zipfile.ZipFile(addon.build(tmp_path)) as archive:
        assert set(archive.namelist()) - names == {path.relative_to(places.CHECKOUT).as_posix()}


def test_odoo_installs_from_it(unpacked: Path, tmp_path: Path):
    with running_cluster() as cluster, temporary_copy(cluster, base_template(cluster, demo=False), "zip") as database:
        text = database.config.read_text(encoding="utf-8")
        assert str(places.CHECKOUT) in text
        database.config.write_text(text.replace(f",{places.CHECKOUT}\n", f",{unpacked}\n"), encoding="utf-8")
        log = run(database.config, "--init", MODULE, "--stop-after-init", "--no-http")
        assert complaints(log) == []
        found = run(
            database.config, "--no-http", main=("shell",),
            script="import odoo.addons.label_print_monitor as addon, sys; print(addon.__path__, file=sys.stderr)",
        )  # fmt: skip
        assert str(unpacked / MODULE) in found
