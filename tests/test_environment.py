"""Secrets are references until they are used, and what is none may be written."""

from __future__ import annotations

import pytest

from curate.environment import expand_env, secrets_in
from curate.errors import UsageError

SECRETS = [
    {"token": "abc"},
    {"hf_token": "abc"},
    {"storage": {"secret_access_key": "abc"}},
    {"PASSWORD": "abc"},
    {"apikey": "abc"},
    {"paths": ["https://me:abc@host/x"]},
]
NO_SECRETS = [
    {"token": "${env:HF_TOKEN}"},
    {"paths": ["https://me:${env:PASSWORD}@host/x", "s3://bucket/key", "token"]},
    {"eos_token": "</s>"},
    {"tokens": "max", "max_tokens": 5, "token": None},
    {"key": "source/shard:row", "id": "secret"},
]


@pytest.mark.parametrize("value", SECRETS)
def test_a_written_out_secret_is_found(value):
    assert len(list(secrets_in(value))) == 1


@pytest.mark.parametrize("value", NO_SECRETS)
def test_what_only_sounds_like_a_secret_is_let_through(value):
    assert list(secrets_in(value)) == []


def test_references_are_read_where_they_are_used(monkeypatch):
    monkeypatch.setenv("CURATE_TEST", "hunter2")
    value = {"a": ["x-${env:CURATE_TEST}", 5, None], "b": {"c": "$HOME ${env:} ${CURATE_TEST}"}}
    assert expand_env(value) == {"a": ["x-hunter2", 5, None], "b": {"c": "$HOME ${env:} ${CURATE_TEST}"}}


def test_a_variable_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("CURATE_TEST", raising=False)
    with pytest.raises(UsageError, match="the environment variable CURATE_TEST is not set"):
        expand_env("${env:CURATE_TEST}")
