"""The file of the user's own providers."""

from __future__ import annotations

import json
import math
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from axio.models import Capability, ModelSpec

from axio_transport_openai import OpenAICompatibleTransport
from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store, StoreError, default_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ONE = Saved(
    "one",
    "http://localhost:8080/v1",
    "sk-secret",
    (ModelSpec("llama3.2", frozenset({Capability.text, Capability.tool_use}), 4096, 131_072),),
)
_TWO = Saved("два", "http://localhost:8081/v1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "axio" / "openai-custom.json"


@pytest.fixture
def open_umask() -> Iterator[None]:
    """The umask that most systems have, whatever it is here."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    path.chmod(0o644)


def _written(path: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(path.read_bytes())
    return found


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_file_is_where_the_specification_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/somebody")

    assert default_path() == Path("/home/somebody/.local/share/axio/openai-custom.json")
    assert Store().path == default_path()


def test_without_a_home_folder_what_to_set_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(user: int) -> NoReturn:  # to the system, as users of containers are
        raise KeyError(user)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)

    with pytest.raises(StoreError, match="set HOME or XDG_DATA_HOME"):
        OpenAICompatibleTransport.has_credentials()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("/data", "/data/axio/openai-custom.json", id="absolute"),
        pytest.param("", "/home/somebody/.local/share/axio/openai-custom.json", id="empty"),
        pytest.param("data", "/home/somebody/.local/share/axio/openai-custom.json", id="relative"),
    ],
)
def test_the_data_folder_of_xdg_is_honoured_where_it_is_absolute(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: str
) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("XDG_DATA_HOME", value)

    assert default_path() == Path(expected)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(["home/.local/share"], "home/.local/share", id="another version's"),
        pytest.param(["home/.local/share", "data"], "data", id="both"),
        pytest.param(["data"], "data", id="ours"),
        pytest.param([], "data", id="none"),
    ],
)
def test_a_file_where_other_versions_keep_it_is_used_where_there_is_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: list[str], expected: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for folder in written:
        Store(tmp_path / folder / "axio" / "openai-custom.json").save([_ONE])

    assert default_path() == tmp_path / expected / "axio" / "openai-custom.json"
    assert Store().load() == [_ONE] * bool(written)


def test_without_a_file_there_are_no_providers_and_none_is_made(path: Path) -> None:
    assert Store(path).load() == []
    assert not path.parent.exists()


def test_what_is_saved_is_loaded_in_its_order(path: Path) -> None:
    Store(path).save([_ONE, _TWO])

    assert Store(path).load() == [_ONE, _TWO]


def test_the_file_is_the_specifications_and_people_can_read_it(path: Path) -> None:
    Store(path).save([_TWO])

    assert path.read_text(encoding="utf-8") == (
        "[\n"
        "  {\n"
        '    "name": "два",\n'
        '    "base_url": "http://localhost:8081/v1",\n'
        '    "api_key": "",\n'
        '    "models": []\n'
        "  }\n"
        "]\n"
    )


@pytest.mark.usefixtures("open_umask")
def test_file_and_folders_are_for_their_owner_only(path: Path) -> None:
    Store(path).save([_ONE])

    assert _mode(path.parent) == 0o700
    assert _mode(path.parent.parent) == 0o700
    assert {_mode(file) for file in path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("touch", [Store.load, lambda store: store.update("one", _ONE)])
def test_a_file_that_others_may_read_is_taken_from_them(
    path: Path, touch: Callable[[Store], object]
) -> None:
    _write(path, "[]")
    touch(Store(path))

    assert _mode(path) == 0o600


def test_a_file_that_only_its_owner_may_read_stays_as_it_is(path: Path) -> None:
    _write(path, "[]")
    path.chmod(0o400)
    Store(path).load()

    assert _mode(path) == 0o400


def test_an_update_replaces_a_provider_where_it_stands(path: Path) -> None:
    Store(path).save([_ONE, _TWO])
    changed = replace(_ONE, base_url="http://elsewhere/v1")
    Store(path).update("one", changed)

    assert Store(path).load() == [changed, _TWO]


def test_an_update_of_nobody_adds_a_provider(path: Path) -> None:
    Store(path).update("one", _ONE)
    Store(path).update("два", _TWO)

    assert Store(path).load() == [_ONE, _TWO]


def test_an_update_may_rename(path: Path) -> None:
    Store(path).save([_ONE, _TWO])
    Store(path).update("one", replace(_ONE, name="uno"))

    assert [saved.name for saved in Store(path).load()] == ["uno", "два"]


@pytest.mark.parametrize(
    ("name", "saved", "told"),
    [
        pytest.param(
            "one",
            replace(_ONE, name="два"),
            "'.*' cannot be saved: name is that of",
            id="renamed to another",
        ),
        pytest.param(
            "three",
            _TWO,
            "'.*' cannot be saved: name is that of",
            id="added under the name of another",
        ),
        pytest.param(
            "one",
            replace(_ONE, name="bad"),
            "'.*' cannot be saved: name is that of",
            id="of an unreadable one",
        ),
        pytest.param("one", replace(_ONE, name=""), "name is missing", id="without a name"),
        pytest.param(
            "one", replace(_ONE, models=(ModelSpec(""),)), r"models\[0\].id is ''", id="unusable"
        ),
        pytest.param("one", replace(_ONE, settings={"x": {1, 2}}), "as JSON: .* set", id="no JSON"),
    ],
)
def test_an_update_that_cannot_be_is_refused_and_changes_nothing(
    path: Path, name: str, saved: Saved, told: str
) -> None:
    _write(path, json.dumps([_ONE.to_dict(), _TWO.to_dict(), {"name": "bad", "models": 5}]))
    before = path.read_bytes()

    with pytest.raises(StoreError, match=told):
        Store(path).update(name, saved)
    assert path.read_bytes() == before


def test_two_providers_of_one_name_are_not_saved(path: Path) -> None:
    with pytest.raises(StoreError, match="same name, 'one': rename"):
        Store(path).save([_ONE, _ONE])


def test_a_provider_is_deleted_by_its_name_and_only_once(path: Path) -> None:
    Store(path).save([_ONE, _TWO])

    assert Store(path).delete("one")
    assert not Store(path).delete("one")
    assert Store(path).load() == [_TWO]


def test_an_entry_that_cannot_be_read_can_be_deleted(path: Path) -> None:
    _write(path, '[{"name": "bad", "models": 5}]')

    assert Store(path).delete("bad")
    assert _written(path) == []


def test_of_two_entries_with_one_name_the_one_that_is_used_is_deleted(path: Path) -> None:
    other = replace(_ONE, base_url="http://elsewhere/v1")
    _write(path, json.dumps([_ONE.to_dict(), other.to_dict()]))

    assert Store(path).delete("one")
    assert Store(path).load() == [other]


def test_entries_without_a_name_are_not_deleted_as_one_of_no_name(path: Path) -> None:
    odd = [{"base_url": "http://x/v1"}, 7]
    _write(path, json.dumps(odd))

    assert not Store(path).delete("")
    assert json.loads(path.read_bytes()) == odd


def test_entries_load_one_by_one_and_a_problem_names_entry_and_field(path: Path) -> None:
    odd = [
        {"name": "bad", "models": 5},
        7,
        {"base_url": "http://x"},
        {"name": "one"},
        {"name": "wild", "models": [{"id": "m", "context_window": "lots"}]},
    ]
    _write(path, json.dumps([_ONE.to_dict(), *odd]))
    shelf = Store(path).read()
    lots = "models[0].context_window is 'lots': expected int, got str"

    assert shelf.providers == [_ONE]
    assert shelf.problems == [
        f"{path}: provider 2 ('bad') is passed over: models is 5, not a list",
        f"{path}: provider 3 is passed over: is 7, not an object",
        f"{path}: provider 4 is passed over: name is missing",
        f"{path}: provider 5 ('one') is passed over: name is that of another entry",
        f"{path}: provider 6 ('wild') is passed over: {lots}",
    ]


def test_problems_are_logged_without_any_key(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _write(path, '[{"name": "bad", "api_key": "sk-secret", "models": 5}]')
    Store(path).load()

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "sk-secret" not in caplog.text


def test_entries_that_cannot_be_read_survive_a_save(path: Path) -> None:
    odd: list[object] = [{"name": "bad", "models": 5}, 7, None, {"name": "x", "api_key": ["k"]}]
    _write(path, json.dumps([*odd, _ONE.to_dict()]))
    store = Store(path)
    store.save([*store.load(), _TWO])

    assert json.loads(path.read_bytes()) == [*odd, _ONE.to_dict(), _TWO.to_dict()]


def test_keys_that_nobody_knows_survive_a_save_of_who_never_saw_them(path: Path) -> None:
    model = {"id": "m", "future": [1]}
    _write(path, json.dumps([{"name": "one", "future": {"a": 1.5}, "models": [model]}]))
    fresh = Saved("uno", models=(ModelSpec("m"), ModelSpec("n")))
    Store(path).update("one", fresh)
    (entry,) = _written(path)

    assert entry["future"] == {"a": 1.5}
    assert entry["name"] == "uno"
    assert isinstance(entry["models"], list)
    assert [model.get("future") for model in entry["models"]] == [[1], None]


def test_a_provider_with_a_capability_that_nobody_knows_is_one_and_keeps_it(path: Path) -> None:
    model = _ONE.to_dict() | {"models": [{"id": "m", "capabilities": ["text", "of_tomorrow"]}]}
    _write(path, json.dumps([model]))
    store = Store(path)
    (saved,) = store.load()
    store.update("one", replace(saved, api_key=""))
    store.save([replace(saved, api_key="", beside={})])
    (entry,) = json.loads(path.read_bytes())

    assert saved.models[0].capabilities == {Capability.text}
    assert entry["api_key"] == ""
    assert entry["models"][0]["capabilities"] == ["text", "of_tomorrow"]


def test_a_provider_whose_model_has_no_limit_as_local_servers_write_it_is_one(path: Path) -> None:
    _write(path, '[{"name": "one", "models": [{"id": "m", "max_output_tokens": -1}]}]')
    shelf = Store(path).read()

    assert [saved.name for saved in shelf.providers] == ["one"]
    assert shelf.problems == []


def test_a_key_that_nobody_knows_is_what_the_last_writer_says(path: Path) -> None:
    models = (ModelSpec("m"),)
    for value in (1, 2):
        beside = {"m": {"future": value}}
        saved = Saved("one", models=models, settings={"future": value}, beside=beside)
        Store(path).update("one", saved)

    assert Store(path).load() == [saved]


def test_a_setting_that_goes_back_to_its_default_does_not_come_back(path: Path) -> None:
    Store(path).update("one", replace(_ONE, settings={"temperature": 0.5, "future": 1}))
    Store(path).update("one", _ONE)

    assert _written(path) == [{**_ONE.to_dict(), "future": 1}]


def test_numbers_that_are_none_survive_a_save(path: Path) -> None:
    _write(path, '[{"name": "bad", "models": [{"id": "m", "input_cost": NaN}]}]')
    Store(path).update("one", _ONE)
    bad, one = _written(path)

    assert bad["models"] == [{"id": "m", "input_cost": pytest.approx(math.nan, nan_ok=True)}]
    assert one == _ONE.to_dict()


def test_half_a_surrogate_pair_survives_a_save(path: Path) -> None:
    odd = replace(_ONE, name="a\ud83d")
    Store(path).update(odd.name, odd)

    assert Store(path).load() == [odd]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'[{"name":"precious"', id="cut off"),
        pytest.param(b'{"name":"precious"}', id="no list"),
        pytest.param(b"precious", id="no JSON"),
        pytest.param(b'["\xffprecious"]', id="no UTF-8"),
        pytest.param(b"[" * 100_000 + b"precious", id="an abyss"),
    ],
)
def test_an_unreadable_file_is_set_aside_and_never_overwritten(
    path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    store = Store(path)

    shelf = store.read()
    assert shelf.providers == []
    assert [str(path) in problem for problem in shelf.problems] == [True]
    assert path.read_bytes() == content

    store.update("one", _ONE)
    aside = path.with_name("openai-custom.json.unreadable-1")
    assert aside.read_bytes() == content
    assert f"it is kept as {aside}" in caplog.text
    assert _mode(aside) == 0o600
    assert store.load() == [_ONE]


def test_a_second_unreadable_file_is_set_aside_beside_the_first(path: Path) -> None:
    for content in ("first", "second"):
        _write(path, content)
        Store(path).update("one", _ONE)

    asides = sorted(path.parent.glob("*.unreadable-*"))
    assert [aside.read_text() for aside in asides] == ["first", "second"]
    assert [_mode(aside) for aside in asides] == [0o600] * 2


def test_what_changes_nothing_leaves_an_unreadable_file_where_it_is(path: Path) -> None:
    _write(path, "precious")

    assert not Store(path).delete("one")
    assert path.read_text() == "precious"


def test_a_change_that_is_refused_leaves_an_unreadable_file_where_it_is(path: Path) -> None:
    _write(path, "precious")
    with pytest.raises(StoreError):
        Store(path).update("one", replace(_ONE, name=""))

    assert path.read_text() == "precious"


@pytest.mark.parametrize("content", ["", " \n", "[]"])
def test_an_empty_file_holds_no_providers(path: Path, content: str) -> None:
    _write(path, content)

    assert Store(path).read().problems == []


def test_a_folder_in_place_of_the_file_is_an_error_and_stays(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "precious").touch()
    before = _mode(path)

    with pytest.raises(StoreError, match=r"cannot be read: Is a directory"):
        Store(path).load()
    with pytest.raises(StoreError, match=r"cannot be read: Is a directory"):
        Store(path).update("one", _ONE)
    assert _mode(path) == before
    assert (path / "precious").exists()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match=r"cannot be written: Not a directory"):
        Store(tmp_path / "file" / "axio" / "openai-custom.json").update("one", _ONE)


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "providers.json"
    path.parent.mkdir(parents=True)
    path.symlink_to(target)
    Store(path).update("one", _ONE)

    assert path.is_symlink()
    assert _written(target) == [_ONE.to_dict()]


_FULL_DISK = """
import resource, signal, sys
from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store, StoreError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    Store(sys.argv[1]).update("new", Saved("new" * 1000))
except StoreError as error:
    print(error)
"""


def test_a_disk_that_is_full_keeps_the_old_file(path: Path) -> None:
    Store(path).save([_ONE])
    told = _run(_FULL_DISK, path)

    assert told == f"{path} cannot be written: File too large\n"
    assert Store(path).load() == [_ONE]
    assert list(path.parent.glob("*.tmp")) == []


def test_what_a_killed_writer_left_behind_is_no_obstacle(path: Path) -> None:
    _write(path.with_name(f"{path.name}.tmp"), "half")
    Store(path).save([_ONE])

    assert Store(path).load() == [_ONE]
    assert list(path.parent.glob("*.tmp")) == []


def test_a_writer_that_does_not_let_go_is_not_waited_for_without_end(path: Path) -> None:
    fcntl = pytest.importorskip("fcntl", reason="there are no such locks here")
    Store(path).save([_ONE])
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="another program holds its lock"):
            Store(path, patience=0.05).update("two", _TWO)

    assert Store(path).load() == [_ONE]


def test_a_store_removes_only_what_it_has_seen(path: Path) -> None:
    mine = Store(path)
    mine.save([_ONE, _TWO])
    Store(path).update("three", replace(_ONE, name="three"))
    mine.save([_TWO])

    assert [saved.name for saved in Store(path).load()] == ["два", "three"]


def test_a_store_removes_what_it_has_loaded_and_is_not_given_back(path: Path) -> None:
    Store(path).save([_ONE, _TWO])
    mine = Store(path)
    mine.load()
    mine.save([_TWO])

    assert Store(path).load() == [_TWO]


def test_what_a_store_has_changed_it_has_seen(path: Path) -> None:
    mine = Store(path)
    mine.update("one", _ONE)
    mine.update("два", _TWO)
    mine.update("два", replace(_TWO, name="two"))
    mine.delete("one")
    Store(path).save([_ONE, _TWO])
    mine.save([])

    assert Store(path).load() == [_ONE, _TWO]


def test_writers_who_know_nothing_of_each_other_lose_nothing(path: Path) -> None:
    first, second = Store(path), Store(path)
    assert first.load() == second.load() == []
    first.save([_ONE])
    second.save([_TWO])

    assert Store(path).load() == [_ONE, _TWO]


_WRITER = """
import sys
from axio_transport_openai.saved import Saved
from axio_transport_openai.store import Store

path, writer = sys.argv[1:]
for number in range(15):
    Store(path).update(f"{writer}-{number}", Saved(f"{writer}-{number}"))
"""


def test_many_processes_at_once_lose_nothing_and_nobody_reads_half_a_file(path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path), str(number)])
        for number in range(4)
    ]
    while any(writer.poll() is None for writer in writers):
        assert Store(path).read().problems == []

    assert [writer.returncode for writer in writers] == [0] * 4
    names = {saved.name for saved in Store(path).load()}
    assert names == {f"{writer}-{number}" for writer in range(4) for number in range(15)}


def _run(program: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
