"""`backends`: what there is and what it can do, by the settings it is judged with."""

import json

import cli


def listed(folder, capsys, **settings):
    """Every backend by (kind, name)."""
    (folder / "film.yaml").write_text(json.dumps({"prompt": "a fox", **settings}))
    assert cli.main(None, ["backends", "--json", "--config", str(folder / "film.yaml")]) == 0
    return {(one["kind"], one["name"]): one for one in json.loads(capsys.readouterr().out)["backends"]}


def test_a_model_that_the_config_adds_is_described(tmp_path, capsys):
    block = {"runway": {"video": {"mine-1": {"seconds": [5], "shapes": ["1280:720"]}}}}
    one = listed(tmp_path, capsys, runway_ml={"model_version": "mine-1", "api_key": "k"}, catalogue=block)[
        "video backend", "runway"]
    assert one["runs_here"] and "segments of 5 s" in one["can"]


def test_a_model_that_is_no_more_is_answered_with_what_replaced_it(tmp_path, capsys):
    one = listed(tmp_path, capsys, google_veo={"model_version": "veo-3"})["video backend", "veo3"]
    assert not one["runs_here"] and one["can"] == [] and "use veo-3.1-fast-generate-001" in one["problems"][0]


def test_how_an_image_backend_is_guided_is_said(tmp_path, capsys):
    found = listed(tmp_path, capsys)
    assert "goes on from the keyframe before" in found["image backend", "stability"]["can"]
    assert "looks at pictures of characters" in found["image backend", "openai"]["can"]


def test_the_keys_of_a_block_are_said_in_words_and_not_in_python(tmp_path, capsys):
    runway = {one["key"]: one for one in listed(tmp_path, capsys)["video backend", "runway"]["keys"]}
    assert (runway["api_key"]["type"], runway["content_moderation"]["type"]) == ("secret text", "auto or low")
    assert cli.main(None, ["backends"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "cfg_scale: number, at least 0, at most 1. From 0, free, to 1" in said
    assert "strength: number, at least 0, at most 1; 0.75 when left out. How freely" in said
    assert "prompts up to 1000 UTF-16 units" in said
    assert "None" not in said and "pydantic" not in said and "Optional" not in said
