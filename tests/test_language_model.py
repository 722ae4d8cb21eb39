"""One question, one typed answer: ways of asking, whose key goes where, what it may cost, and what is kept."""

import asyncio
from decimal import Decimal

import pytest
from pydantic import BaseModel, SecretStr

from catalogue import load
from config_model import PlannerSettings
from errors import BackendUnavailable, ConsentMissing
from language_model.asking import Chat
from language_model.endpoint import BASE_URL, Endpoint
from language_model.question import Prompt, Question, most_tokens
from runtime.run_store import open_run
from tests import planned
from tests.servers.customers import picture
from tests.servers.openai import OpenAIServer


class OtherWords(BaseModel):
    prompt: str
    changes: str


def question(about="a lighthouse in the rain", **more):
    return Question(node="plan words_1", prompt=Prompt("Say it in other words.", "0" * 64), form=OtherWords,
                    order="Say this prompt in other words.", material={"prompt": about}, **more)


def ask(folder, server, asked=None, *, opened=True, cap="1", **settings):
    """The answer, and the purchases it took."""
    with open_run(folder, [planned.KEY]) as run:
        if opened:
            run.till.open(Decimal(cap), Decimal("0.05"))
        chat = Chat(Endpoint(planned.settings(server, **settings), load()), run)
        answer = asyncio.run(chat.ask(asked or question()))
        return answer, run.ledger.purchases.all()


# -- ways of asking ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("speaks", "ways"), [
    (("tools", "json_schema", "json_object", "max_tokens"), ["tools"]),
    (("json_schema", "json_object", "max_tokens"), ["tools", "json_schema"]),
    (("json_object", "max_tokens"), ["tools", "json_schema", "json"]),
    (("max_tokens",), ["tools", "json_schema", "json", "md_json"])])
def test_the_first_way_of_asking_that_a_server_takes_is_found(tmp_path, speaks, ways):
    with OpenAIServer(speaks=speaks) as server:
        answer, bought = ask(tmp_path, server)
    assert answer.prompt and [one.asked["way"] for one in bought] == ways
    assert [one.state for one in bought] == ["REFUSED"] * (len(ways) - 1) + ["DONE"]
    assert planned.charged(bought) == server.total_usd > 0


def test_a_way_that_is_not_taken_is_remembered_for_the_run(tmp_path):
    with OpenAIServer(speaks=("json_object", "max_tokens")) as server:
        ran = planned.plan(tmp_path, server, planned.request(24), critic=False)
    assert [one.state for one in ran.purchases].count("REFUSED") == 2


def test_a_server_that_takes_no_notice_of_tools_is_asked_another_way(tmp_path):
    with OpenAIServer(ignores=("tools",), local=True) as server:
        answer, bought = ask(tmp_path, server, model="llama3.3")
    assert answer.prompt and [one.asked["way"] for one in bought] == ["tools", "json_schema"]


def test_the_name_of_the_limit_is_learned_too(tmp_path):
    with OpenAIServer(speaks=("tools", "max_completion_tokens")) as server:
        _, bought = ask(tmp_path, server)
    assert [one.state for one in bought] == ["REFUSED", "DONE"] and len(server.posts) == 2


def test_a_way_that_the_settings_name_is_the_only_one(tmp_path):
    with OpenAIServer(speaks=("tools", "max_tokens")) as server, pytest.raises(BackendUnavailable, match="does not support"):
        ask(tmp_path, server, mode="json_schema")
    assert len(server.posts) == 1


@pytest.mark.parametrize("mode", ["tools", "json_schema", "json", "md_json"])
def test_every_way_gives_the_same_answer(tmp_path, mode):
    with OpenAIServer() as server:
        answer, bought = ask(tmp_path, server, mode=mode)
    assert "lighthouse" in answer.prompt and [one.asked["way"] for one in bought] == [mode]


def test_friendly_words_around_the_answer_do_no_harm(tmp_path):
    with OpenAIServer(faults="chatty") as server:
        assert ask(tmp_path, server, mode="md_json")[0].prompt


def test_pictures_are_looked_at(tmp_path):
    with OpenAIServer() as server:
        _, bought = ask(tmp_path, server, question(pictures=(picture(20), picture(200, kind="JPEG"))))
        assert [(one.width, one.height) for one in server.orders[0].pictures] == [(640, 360)] * 2
    assert bought[0].charged_usd == server.total_usd <= bought[0].reserved_usd


# -- keys and prices ---------------------------------------------------------------------------------------------------------


def test_a_model_of_ones_own_on_this_machine_is_free_and_needs_nobodys_consent(tmp_path):
    with OpenAIServer(local=True) as server:
        _, bought = ask(tmp_path, server, opened=False, model="llama3.3", api_key=None)
    assert [(one.state, one.charged_usd, one.provider) for one in bought] == [("DONE", 0, server.url.split("/")[2])]


def test_a_model_with_a_price_is_not_free_wherever_it_stands(tmp_path):
    with OpenAIServer() as server, pytest.raises(ConsentMissing):
        ask(tmp_path, server, opened=False)
    assert not server.posts


def test_a_model_nobody_knows_elsewhere_has_no_price_unless_it_is_said_to_be_free():
    settings = PlannerSettings(provider="openai", model="own-7b", base_url="https://models.example/v1")
    assert Endpoint(settings, load()).bound_usd(1000, 1000) is None
    assert Endpoint(settings.model_copy(update={"free": True}), load()).bound_usd(1000, 1000) == 0


def test_a_local_server_that_loses_an_answer_is_asked_again(tmp_path):
    with OpenAIServer(local=True, faults="drop_after_accept@1") as server:
        _, bought = ask(tmp_path, server, opened=False, model="llama3.3")
    assert [one.state for one in bought] == ["ABANDONED", "DONE"]


@pytest.mark.parametrize(("model", "wrong"), [
    ("gpt-6-luna", ""), (None, ""), ("gpt-6-lune", "did you mean gpt-6-luna"), ("gpt-image-2", "is an image model")])
def test_the_name_of_the_model_is_looked_up_before_anything_is_asked(model, wrong):
    found = [str(one) for one in Endpoint(PlannerSettings(provider="openai", model=model), load()).mistakes()]
    assert (wrong in found[0]) if wrong else found == []


def test_with_another_address_the_model_has_to_be_said():
    settings = PlannerSettings(provider="openai", base_url="http://127.0.0.1:11434/v1")
    assert "is not said" in str(next(Endpoint(settings, load()).mistakes()))


def test_openais_own_key_goes_to_openais_own_address_only(monkeypatch):
    from config import load as load_config

    variables = {"OPENAI_API_KEY": "sk-vendor", "LONGTAKE_PROMPT": "rain", "LONGTAKE_PLANNER__PROVIDER": "openai"}
    own = load_config(None, variables)
    assert own.draft.planner.api_key == SecretStr("sk-vendor") and "sk-vendor" in own.secrets
    other = load_config(None, {**variables, "LONGTAKE_PLANNER__BASE_URL": "http://127.0.0.1:1/v1"})
    assert other.draft.planner.api_key is None
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere.example/v1")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-x")
    client = Endpoint(own.draft.planner, own.catalogue)._sdk()
    assert str(client.base_url).rstrip("/") == BASE_URL and client.organization is None and client.max_retries == 0


def test_without_a_key_planning_says_what_to_set():
    assert "OPENAI_API_KEY" in str(next(Endpoint(PlannerSettings(provider="openai"), load()).problems()))


@pytest.mark.parametrize("text", ["The quick brown fox jumps over the lazy dog. " * 40, "守塔的老人带着孩子登上灯塔。" * 40,
                                  '{"index": 12, "seconds": 5.0}, ' * 40, "x9$k@!~#" * 100])
def test_the_bound_holds_for_any_text(text):
    tokens_at_most = len(text.encode()) if not text.isascii() else len(text)
    assert len(text) / 4 <= most_tokens(text) <= tokens_at_most


# -- kept --------------------------------------------------------------------------------------------------------------------


def test_an_answer_is_a_take_and_is_found_again(tmp_path):
    with OpenAIServer() as server:
        first, _ = ask(tmp_path, server)
        again, bought = ask(tmp_path, server)
    assert again == first and len(server.posts) == len(bought) == 1
    assert [path.suffix for path in (tmp_path / "takes" / "words_1").iterdir()] == [".json"]


@pytest.mark.parametrize("change", [
    {"about": "a harbour"}, {"edition": 1}, {"pictures": (picture(20),)}])
def test_another_question_is_another_answer(tmp_path, change):
    with OpenAIServer() as server:
        ask(tmp_path, server)
        ask(tmp_path, server, question(**change))
    assert len(server.posts) == 2


def test_another_prompt_file_is_another_answer(tmp_path):
    from dataclasses import replace

    with OpenAIServer() as server:
        ask(tmp_path, server)
        ask(tmp_path, server, replace(question(), prompt=Prompt("Say it better.", "1" * 64)))
    assert len(server.posts) == 2


def test_an_answer_that_was_damaged_is_asked_for_again(tmp_path):
    with OpenAIServer() as server:
        ask(tmp_path, server)
        (take,) = (tmp_path / "takes" / "words_1").iterdir()
        take.write_text("{}", encoding="utf-8")
        assert ask(tmp_path, server)[0].prompt
    assert len(server.posts) == 2


def test_an_error_that_repeats_the_prompt_is_not_repeated():
    from language_model.replies import _harmless

    sent = [{"role": "user", "content": "the purple heron of Velmora flies over the water"}]
    assert "Velmora" not in _harmless("cannot parse: the purple heron of Velmora flies over the water", sent)
    assert _harmless("model is overloaded", sent) == "model is overloaded"


# -- what proves it ----------------------------------------------------------------------------------------------------------


def prove(server, **settings):
    return asyncio.run(Endpoint(planned.settings(server, **settings), load()).prove())


def test_the_proof_is_one_free_call_and_a_wrong_key_is_said_in_the_vendors_words():
    with OpenAIServer(api_key=planned.KEY) as server:
        assert prove(server).says == "it answers and gpt-6-luna is there"
        assert server.requests == [("GET", "/v1/models/gpt-6-luna")]
        with pytest.raises(BackendUnavailable, match="it does not let us in: HTTP 401") as wrong:
            prove(server, api_key=SecretStr("sk-wrong-key"))
        assert "sk-wrong-key" not in str(wrong.value)
        with pytest.raises(BackendUnavailable, match="holds a space"):
            prove(server, api_key=SecretStr("sk wrong"))


@pytest.mark.parametrize(("lists", "sure", "says"), [
    (["llama3.3", "other"], True, "it answers and llama3.3 is there"),
    (["other"], False, "llama3.3 is not among its models (other)"), ([], False, "(none)")])
def test_a_server_that_has_no_route_for_one_model_is_asked_for_its_list(lists, sure, says):
    with OpenAIServer(local=True, lists=lists) as server:
        proof = prove(server, model="llama3.3", api_key=None)
        assert (proof.sure, len(server.posts)) == (sure, 0) and says in proof.says


def test_a_server_that_is_not_there_is_said_to_be_out_of_reach():
    with OpenAIServer() as server:
        gone = server.url
    with pytest.raises(BackendUnavailable, match="it cannot be reached"):
        asyncio.run(Endpoint(PlannerSettings(provider="openai", base_url=gone, model="llama3.3"), load()).prove())
