"""Emphasis: which line matches which document."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from curate.mix.emphasis import first_lines, hosts, path_matches


def documents(*metas: dict[str, Any] | None, ids: list[str] | None = None) -> pa.Table:
    texts = [None if meta is None else json.dumps(meta) for meta in metas]
    return pa.table(
        {"id": pa.array(ids or [None] * len(metas), pa.string()), "meta": pa.array(texts, pa.large_string())}
    )


def matched(
    line: dict[str, list[str]], *metas: dict[str, Any] | None, ids: list[str] | None = None
) -> list[bool]:
    return [number == 0 for number in first_lines([line], [0], documents(*metas, ids=ids)).tolist()]


def urls(*addresses: str | None) -> list[dict[str, Any]]:
    return [{"url": address} for address in addresses]


@pytest.mark.parametrize(
    "address, host",
    [
        ("https://en.wikipedia.org/wiki/Proof?x=a.b/c", "en.wikipedia.org"),
        ("http://User:pw@Forum.Example.COM:8080/#t", "forum.example.com"),
        ("//cdn.example.org/x", "cdn.example.org"),
        ("example.org/page:2", "example.org"),
        ("example.org:443", "example.org"),
        ("https://example.org./", "example.org"),
        ("http://[2001:db8::1]:80/", "[2001:db8::1]"),
        ("https://münchen.example/ä", "münchen.example"),
        ("", None),
        (None, None),
    ],
)
def test_the_host_of_an_address_is_what_a_browser_would_ask(address: str | None, host: str | None) -> None:
    assert hosts(pa.array([address], pa.string())).to_pylist() == [host]


def test_a_domain_stands_for_itself_and_all_under_it_and_for_no_other_that_ends_like_it() -> None:
    rows = urls("https://wikipedia.org/a", "https://en.m.Wikipedia.org", "https://notwikipedia.org", None)
    assert matched({"domain": ["wikipedia.org"]}, *rows) == [True, True, False, False]
    assert matched({"domain": ["*.wikipedia.org"]}, *rows) == [False, True, False, False]
    schools = urls("http://cs.mit.edu/x", "http://edu.example.com", "http://ox.ac.uk", "http://x.edu.au")
    assert matched({"domain": ["*.edu", "*.AC.uk"]}, *schools) == [True, False, True, False]
    assert matched({"domain.from": ["a.org"]}, {"from": "a.org/x", "url": "b.org"}) == [True]


def test_metadata_matches_as_json_writes_it_and_nothing_matches_nothing() -> None:
    rows = [{"licence": "cc-by"}, {"licence": None}, {}, None, {"licence": ["cc-by"]}, {"licence": "CC-by"}]
    assert matched({"meta.licence": ["cc-*"]}, *rows) == [True, False, False, False, False, False]
    assert matched({"meta.licence": ["*cc-*"]}, *rows) == [True, False, False, False, True, False]
    assert matched({"meta.n": ["12", "true"]}, {"n": 12}, {"n": True}, {"n": "12"}, {"n": 123}) == [
        True
    ] * 3 + [False]
    assert matched({"meta.a": ["two\nlines"]}, {"a": "two\nlines"}) == [True]
    assert matched({"meta.a": ["*"]}, {"a": "two\nlines"}, {"a": ""}, {}) == [True, True, False]


def test_all_that_a_line_names_must_match_and_the_first_line_that_does_counts() -> None:
    lines = [
        {"domain": ["a.org"], "meta.licence": ["cc-*"]},
        {"path": ["forum/*"]},
        {"domain": ["a.org", "b.org"]},
        {"id": ["x-*"]},
    ]
    rows = [
        {"url": "a.org", "licence": "cc-0"},
        {"url": "a.org"},
        {"url": "b.org", "licence": "cc-0"},
        {"url": "c.org"},
        {},
    ]
    table = documents(*rows, ids=["x-1", "x-2", "y", "x-3", "y"])
    assert first_lines(lines, [0, 2, 3], table).tolist() == [0, 2, 2, 3, -1]
    assert first_lines(lines, [0, 1, 2, 3], table).tolist() == [0, 1, 1, 1, 1]
    assert first_lines(lines, [], table).tolist() == [-1] * 5
    assert first_lines(lines, [0, 1, 2, 3], table.slice(0, 0)).tolist() == []


def test_a_path_matches_from_any_folder_on_and_never_within_a_name() -> None:
    path = "../data/web/forum-2019/00001.parquet"
    for pattern in ("forum-*", "web/*", "data/*/00001.parquet", "00001.parquet", "../data/*", "*.parquet"):
        assert path_matches([pattern], path), pattern
    for pattern in ("orum-*", "0001.parquet", "web", "forum-2019", "WEB/*"):
        assert not path_matches([pattern], path), pattern
