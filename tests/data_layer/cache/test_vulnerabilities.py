import pytest

from data_layer.cache import vulnerabilities


@pytest.mark.parametrize(
    ("version", "known", "not_known"),
    [
        ("8.10.1", [], ["CVE-2026-81934", "stream groups, July 2026"]),
        ("8.8.1", ["CVE-2026-81934"], ["stream groups, July 2026", "CVE-2026-25243"]),
        ("8.6.3", ["CVE-2026-81934", "stream groups, July 2026"], ["CVE-2026-23479", "CVE-2025-49844"]),
        ("8.6.2", ["CVE-2026-23479"], ["CVE-2025-49844"]),
        ("7.4.6", ["CVE-2026-23479"], ["CVE-2025-49844"]),
        ("7.4.5", ["CVE-2025-49844"], ["CVE-2025-32023"]),
        ("8.2.2", ["CVE-2025-62507"], ["CVE-2025-49844"]),
        ("8.0.6", ["CVE-2026-25243", "CVE-2026-23479"], ["CVE-2025-62507", "CVE-2026-81934"]),
        ("7.4.10", [], ["stream groups, July 2026", "CVE-2026-81934"]),
        ("7.2.14", ["stream groups, July 2026"], ["CVE-2026-23479", "CVE-2026-25243", "CVE-2026-23631"]),
        ("7.2.11", ["CVE-2026-23479", "CVE-2026-25243"], ["CVE-2025-49844"]),
        (
            "7.0.15",
            ["CVE-2026-25243", "CVE-2026-23631", "CVE-2025-49844", "CVE-2025-21605"],
            ["CVE-2026-23479", "CVE-2023-41056", "CVE-2022-24834"],
        ),
        ("6.2.23", [], ["stream groups, July 2026", "CVE-2026-25243"]),
        ("6.2.22", ["stream groups, July 2026"], ["CVE-2026-25243", "CVE-2026-23631", "CVE-2026-23479"]),
        ("7.0.8", ["CVE-2022-24834"], ["CVE-2023-41056"]),
        ("6.2", ["CVE-2025-49844"], []),
        ("5.0.14", ["CVE-2025-49844", "CVE-2022-24834"], ["CVE-2023-41056"]),
        ("9.0.0", [], ["CVE-2025-49844"]),
    ],
)
def test_a_version_has_what_was_repaired_after_it(
    version: str, known: list[str], not_known: list[str]
) -> None:
    names = {name for one in vulnerabilities.known(version) for name in one.names}
    assert set(known) <= names
    assert names.isdisjoint(not_known)


@pytest.mark.parametrize("text", ["", "unstable", "?"])
def test_nothing_is_known_against_what_is_no_version(text: str) -> None:
    assert vulnerabilities.known(text) == ()
