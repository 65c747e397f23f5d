from tests.house.projects import findings
from tools.house_rules.rules import empty_packages, file_names


def test_a_file_or_folder_with_a_name_that_says_nothing_is_found() -> None:
    bad = {"appliance/chat/utils.py": "", "ui/helpers/text.js": "", "tests/test_service.py": ""}

    assert findings(file_names.check, bad) == [f"{path}:0" for path in bad]


def test_a_file_named_for_what_happens_is_kept() -> None:
    assert findings(file_names.check, {"appliance/chat/sending.py": ""}) == []


def test_a_package_that_imports_its_modules_is_found() -> None:
    files = {"appliance/chat/__init__.py": "from appliance.chat import model\n"}

    assert findings(empty_packages.check, files) == ["appliance/chat/__init__.py:1"]


def test_an_empty_package_and_the_version_are_kept() -> None:
    files = {"appliance/__init__.py": '__version__ = "1.0"\n', "appliance/chat/__init__.py": ""}

    assert findings(empty_packages.check, files) == []
