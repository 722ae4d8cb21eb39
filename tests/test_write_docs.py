"""scripts/write_docs.py: what stands in docs/ is what the code says."""

from __future__ import annotations

import pytest

from config import PipelineConfig
from config_model import Budget, RemoteApiSettings
from scripts import write_docs


@pytest.mark.parametrize("name", write_docs.WRITTEN)
def test_a_generated_document_is_what_the_code_says(name: str):
    on_disk = (write_docs.DOCS / name).read_text(encoding="utf-8")
    assert on_disk == write_docs.WRITTEN[name](), "run: python -m scripts.write_docs"


@pytest.mark.parametrize("model", [PipelineConfig, RemoteApiSettings, Budget])
def test_every_key_says_what_it_means_and_is_in_the_reference(model: type[PipelineConfig]):
    text = write_docs.configuration_text()
    for name, field in model.model_fields.items():
        assert field.description and f"| `{name}` |" in text


def test_the_reference_says_type_unit_limits_and_default():
    text = write_docs.configuration_text()
    assert "| `segment_seconds` | number, seconds, more than 0, at most 600 | not set |" in text
    assert "| `mode` | `keyframe` or `chaining` | `keyframe` |" in text
    assert "| `size` | WIDTHxHEIGHT, pixels | `1280x720` |" in text
    assert "| `image_fallback_backends` | a name or a list of names | `[sketch]` |" in text


def test_every_backend_of_ours_has_its_place_in_the_reference():
    text = write_docs.configuration_text()
    assert "### `animatic`" in text and "### `sketch`" in text
