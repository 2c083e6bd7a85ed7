from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from codefare import places
from codefare.errors import ConfigError

PLACES = {
    "CONFIG": places.config_folder,
    "CACHE": places.cache_folder,
    "STATE": places.state_folder,
}


@pytest.mark.parametrize("kind", PLACES)
def test_an_xdg_variable_decides(kind: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The XDG variables are honoured, on every platform; spaces in them are no matter."""
    monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / "my files"))
    assert PLACES[kind]() == home / "my files" / "codefare"


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("value", ["", "relative/path"])
def test_an_xdg_variable_that_is_no_absolute_path_is_ignored(
    kind: str, value: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the XDG specification asks; the platform's own folder in the user's home takes its place."""
    monkeypatch.setenv(f"XDG_{kind}_HOME", value)
    place = PLACES[kind]()
    assert place.is_absolute()
    assert place.is_relative_to(home)
    assert "codefare" in place.parts


def test_the_log_is_beside_the_ledger(home: Path) -> None:
    """Both are state, in the words of the XDG specification."""
    assert places.log_folder() == places.state_folder() / "log" == home / "state/codefare/log"


@pytest.mark.skipif(sys.platform == "win32", reason="where a home folder is")
def test_without_a_home_the_user_is_told_what_to_set() -> None:
    """No home is a clear error, not a folder in the root or in the working folder."""
    program = (
        "import pwd\n"
        "from codefare import places\n"
        "def nobody(uid): raise KeyError(uid)\n"
        "pwd.getpwuid = nobody\n"
        "try: places.cache_folder()\n"
        "except places.ConfigError as error: print(error.text)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Set HOME, or XDG_CACHE_HOME" in done.stdout
    assert issubclass(ConfigError, Exception)


@pytest.mark.skipif(os.name != "posix", reason="permission bits")
@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_new_folders_are_the_owners_alone(
    tmp_path: Path, umask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder and each parent that had to be made are 0700, whatever the umask; others stay as they were."""
    tmp_path.chmod(0o755)
    before = os.umask(umask)
    try:
        places.private_folder(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path, tmp_path / "a", tmp_path / "a/b")]
    assert modes == [0o755, 0o700, 0o700]
    (tmp_path / "a").chmod(0o777)
    places.private_folder(tmp_path / "a")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    monkeypatch.chdir(tmp_path)
    places.private_folder(Path("here"))
    assert (tmp_path / "here").is_dir()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_the_folder_around_ours_is_tightened_too(home: Path) -> None:
    """Who can write to codefare's folder could put another one in the place of ours; what is beyond it is not ours."""
    top = home / "cache" / "codefare"
    (top / "answers").mkdir(parents=True)
    for folder in (home / "cache", top, top / "answers"):
        folder.chmod(0o777)
    places.private_folder(top / "answers" / "deep")
    modes = [oct(each.stat().st_mode & 0o777) for each in (home / "cache", top, top / "answers")]
    assert modes == ["0o777", "0o700", "0o700"]
