"""Which language a text is in, and when a prompt is in the wrong one."""

import pytest

from llm_planner.languages import NAMES, foreign, language_of

SAID = {
    "en": "The keeper stands at the window of the tower and looks out over the sea in the last light.",
    "de": "Die Wärterin steht am Fenster des Turms und blickt im letzten Licht über das Meer.",
    "fr": "La gardienne se tient à la fenêtre de la tour et regarde la mer dans la dernière lumière du jour.",
    "es": "La guardiana está en la ventana de la torre y mira el mar con la última luz del día.",
    "zh": "守塔的老人站在塔楼的窗前，望着最后一缕光里的大海。", "ja": "灯台守は塔の窓辺に立ち、最後の光の中で海を見ている。",
    "ko": "등대지기는 탑의 창가에 서서 마지막 빛 속의 바다를 바라본다.",
    "ru": "Смотрительница стоит у окна башни и смотрит на море в последнем свете.",
    "ar": "تقف الحارسة عند نافذة البرج وتنظر إلى البحر في آخر ضوء.",
}


@pytest.mark.parametrize("code", SAID)
def test_a_text_is_known_by_its_script_or_its_small_words(code):
    assert language_of(SAID[code]) == code and code in NAMES


@pytest.mark.parametrize("text", ["", "Storm", "35 mm, f/1.8", "Mara, Jonas"])
def test_a_text_that_says_nothing_of_its_language_has_none(text):
    assert language_of(text) is None and foreign(text, "en") == ""


@pytest.mark.parametrize("wanted", SAID)
@pytest.mark.parametrize("code", SAID)
def test_only_the_wrong_language_is_objected_to(code, wanted):
    alike = {code, wanted} <= {"zh", "ja"}
    assert bool(foreign(SAID[code], wanted)) == (code != wanted and not alike)


def test_names_may_be_in_any_script_but_sentences_may_not():
    assert foreign("玛拉 stands at the window of the tower", "en", ["玛拉"]) == ""
    assert foreign(f"{SAID['en']} 然后镜头缓缓推近，海风吹过。", "en") == "is partly not in English"
