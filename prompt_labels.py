"""The fixed words around what a planned prompt tells (shot, setting ...), in the languages the rules write. Plans nothing.

Who writes prompts and who reads them (a storyboard's gist, the sketcher) take them from here, so that they agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

SHOTS: Final = ("extreme_wide", "wide", "medium", "close_up", "extreme_close_up")
MOVES: Final = ("static", "push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down")
TIMES: Final = (
    "at dawn", "at sunrise", "in the morning", "at noon", "in the afternoon", "at golden hour", "at sunset", "at dusk",
    "in the evening", "at midnight", "at night", "in full daylight")
WEATHERS: Final = (
    "in a storm", "in a thunderstorm", "in the rain", "in falling snow", "in fog", "in strong wind", "under a clear sky",
    "under a cloudy sky")


@dataclass(frozen=True)
class Labels:
    """One language. shots, moves, times, weathers: as the tuples above have them in order, split at `;`.

    seen: a thing by shot. phases: an action's beginning, middle and end. outside: the weather seen from within a house.
    """

    shots: str
    moves: str
    seen: str
    phases: str
    times: str
    weathers: str
    still: str
    first: str
    middle: str
    last: str
    before: str
    ending: str
    people: str
    setting: str
    style: str
    both: str
    outside: str
    nowhere: str
    look: str
    negative: str
    colon: str = ": "
    comma: str = ", "
    stop: str = ". "
    nouns_are_capital: bool = False
    _tables: Mapping[str, Mapping[str, str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rows = {"shot": (SHOTS, self.shots), "move": (MOVES, self.moves), "seen": (SHOTS, self.seen),
                "time": (TIMES, self.times), "weather": (WEATHERS, self.weathers)}
        tables = {kind: dict(zip(keys, words.split(";"), strict=True)) for kind, (keys, words) in rows.items()}
        object.__setattr__(self, "_tables", tables)

    def said(self, kind: str, key: str) -> str:
        """`shot`, `move`, `seen`, `time` or `weather` in this language; what is in no table stays as it is."""
        return self._tables[kind].get(key, key)

    def shot_inside(self, shot: str) -> str:
        """The shot within a sentence."""
        word = self.said("shot", shot)
        return word if self.nouns_are_capital else word[:1].lower() + word[1:]

    def phase(self, number: int, of: int) -> str:
        """What part of an action this is, from 1."""
        return self.phases.split(";")[0 if number == 1 else 2 if number == of else 1]


ENGLISH: Final = Labels(
    shots="Extreme wide shot;Wide shot;Medium shot;Close-up;Extreme close-up",
    moves="static camera;slow push in;slow pull out;camera pans left;camera pans right;camera tilts up;camera tilts down",
    seen="seen from far away;seen whole;seen from nearer;a detail of it;a small detail of it",
    phases="The action begins;The same action goes on;The action comes to its end",
    times=";".join(TIMES), weathers=";".join(WEATHERS),
    still="Still image", first="The first moment of this action", middle="A moment in the middle of this action",
    last="The last moment of this action", before="Just before", ending="By the end the picture is", people="In the picture",
    setting="Setting", style="Style", both=" and ", outside="{} outside", nowhere="one simple setting that stays the same",
    look="cinematic film, natural light, consistent colours, rich detail",
    negative="text, subtitles, watermark, logo, blur, low quality, distorted faces, extra limbs, flicker, "
             "sudden change of style")
GERMAN: Final = Labels(
    shots="Weite Totale;Totale;Halbtotale;Nahaufnahme;Detailaufnahme",
    moves="ruhige Kamera;langsame Fahrt heran;langsame Fahrt zurück;Schwenk nach links;Schwenk nach rechts;Schwenk nach oben;"
          "Schwenk nach unten",
    seen="aus großer Entfernung;als Ganzes;aus der Nähe;ein Ausschnitt davon;ein kleiner Ausschnitt davon",
    phases="Die Handlung beginnt;Dieselbe Handlung geht weiter;Die Handlung kommt zu ihrem Ende",
    times="in der Morgendämmerung;bei Sonnenaufgang;am Morgen;am Mittag;am Nachmittag;im goldenen Abendlicht;"
          "bei Sonnenuntergang;in der Abenddämmerung;am Abend;um Mitternacht;in der Nacht;am hellen Tag",
    weathers="im Sturm;im Gewitter;im Regen;bei Schneefall;im Nebel;bei starkem Wind;bei klarem Wetter;bei bedecktem Wetter",
    still="Standbild", first="Der erste Moment dieser Handlung", middle="Ein Moment mitten in dieser Handlung",
    last="Der letzte Moment dieser Handlung", before="Kurz davor", ending="Am Ende ist das Bild", people="Im Bild",
    setting="Schauplatz", style="Stil", both=" und ", outside="draußen {}", nowhere="ein einfacher Ort, der gleich bleibt",
    look="Kinofilm, natürliches Licht, einheitliche Farben, viele Einzelheiten",
    negative="Text, Untertitel, Wasserzeichen, Logo, Unschärfe, schlechte Qualität, verzerrte Gesichter, überzählige Glieder, "
             "Flackern, plötzlicher Stilwechsel",
    nouns_are_capital=True)
FRENCH: Final = Labels(
    shots="Plan très large;Plan d'ensemble;Plan moyen;Gros plan;Très gros plan",
    moves="caméra fixe;lent travelling avant;lent travelling arrière;panoramique vers la gauche;panoramique vers la droite;"
          "panoramique vers le haut;panoramique vers le bas",
    seen="vu de très loin;vu en entier;vu de plus près;un détail;un petit détail",
    phases="L'action commence;La même action continue;L'action s'achève",
    times="à l'aube;au lever du soleil;le matin;à midi;l'après-midi;à l'heure dorée;au coucher du soleil;au crépuscule;le soir;"
          "à minuit;de nuit;en plein jour",
    weathers="dans la tempête;sous l'orage;sous la pluie;sous la neige;dans le brouillard;par grand vent;par temps clair;"
             "par temps couvert",
    still="Image fixe", first="Le premier instant de cette action", middle="Un instant au milieu de cette action",
    last="Le dernier instant de cette action", before="Juste avant", ending="À la fin, l'image est", people="À l'image",
    setting="Décor", style="Style", both=" et ", outside="dehors {}", nowhere="un lieu simple qui reste le même",
    look="film de cinéma, lumière naturelle, couleurs constantes, riche en détails",
    negative="texte, sous-titres, filigrane, logo, flou, mauvaise qualité, visages déformés, membres en trop, scintillement, "
             "changement soudain de style",
    colon=" : ")
SPANISH: Final = Labels(
    shots="Gran plano general;Plano general;Plano medio;Primer plano;Primerísimo plano",
    moves="cámara fija;lento acercamiento;lento alejamiento;panorámica a la izquierda;panorámica a la derecha;"
          "panorámica hacia arriba;panorámica hacia abajo",
    seen="visto desde muy lejos;visto entero;visto más de cerca;un detalle;un pequeño detalle",
    phases="La acción empieza;La misma acción sigue;La acción termina",
    times="al alba;al amanecer;por la mañana;al mediodía;por la tarde;en la hora dorada;al atardecer;en el crepúsculo;"
          "al anochecer;a medianoche;de noche;a plena luz del día",
    weathers="en la tormenta;en una tormenta eléctrica;bajo la lluvia;nevando;en la niebla;con viento fuerte;"
             "con tiempo despejado;con tiempo nublado",
    still="Imagen fija", first="El primer momento de esta acción", middle="Un momento en medio de esta acción",
    last="El último momento de esta acción", before="Justo antes", ending="Al final la imagen es", people="En la imagen",
    setting="Escenario", style="Estilo", both=" y ", outside="fuera {}", nowhere="un lugar sencillo que no cambia",
    look="película de cine, luz natural, colores constantes, gran detalle",
    negative="texto, subtítulos, marca de agua, logotipo, desenfoque, mala calidad, caras deformadas, miembros de más, "
             "parpadeo, cambio brusco de estilo")
CHINESE: Final = Labels(
    shots="大远景;全景;中景;特写;大特写",
    moves="固定镜头;镜头缓缓推近;镜头缓缓拉远;镜头左摇;镜头右摇;镜头上摇;镜头下摇",
    seen="远观;全貌;近观;一处细节;一处微小的细节",
    phases="动作开始;动作继续;动作结束",
    times="黎明;日出;早晨;正午;下午;黄昏时分;日落;傍晚;晚上;午夜;夜里;白天",
    weathers="暴风雨中;雷雨中;雨中;下雪;雾中;大风中;晴天;多云",
    still="静帧", first="这一动作的最初一刻", middle="这一动作的中间一刻", last="这一动作的最后一刻", before="此前",
    ending="最后的画面是", people="画中有", setting="场景", style="画面", both="，", outside="外面{}",
    nowhere="一处简单不变的地方",
    look="电影质感，自然光，色彩统一，细节丰富",
    negative="文字，字幕，水印，标志，模糊，低质量，脸部变形，多余的肢体，闪烁，画面突变", colon="：", comma="，", stop="。",
    nouns_are_capital=True)
LANGUAGES: Final[Mapping[str, Labels]] = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH, "zh": CHINESE}
"""By language code. A text in another language keeps English labels."""


def _any(*words: str) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_ALL = tuple(LANGUAGES.values())
_COLON = r"\s?[:：]\s?"
SETTING: Final = re.compile(rf"(?:^|(?<=[\s。.!?！？]))(?:{_any(*(one.setting for one in _ALL))}){_COLON}", re.IGNORECASE)
"""Where the words on place and time begin."""
_MOMENTS = _any(*(word for one in _ALL for word in (one.first, one.middle, one.last)))
MOMENT: Final = re.compile(rf"(?:{_MOMENTS}){_COLON}", re.IGNORECASE)
"""What stands before the action of a keyframe's prompt."""
STYLE: Final = re.compile(rf"(?:^|(?<=[\s。.!?！？]))(?:{_any(*(one.style for one in _ALL))}){_COLON}", re.IGNORECASE)
BEFORE: Final = re.compile(rf"(?:{_any(*(one.before for one in _ALL))}){_COLON}.*?(?={SETTING.pattern}|$)",
                           re.IGNORECASE | re.DOTALL)
"""What had happened before the moment that a keyframe shows."""
_SHOT = re.compile(rf"(?:{_any(*(shot for one in _ALL for shot in one.shots.split(';')))})[^.。]{{0,40}}(?:\. |。)")


def without_setting(prompt: str) -> str:
    """The prompt up to where it speaks of place, time and style."""
    return SETTING.split(prompt, maxsplit=1)[0].rstrip()


def gist(prompt: str) -> str:
    """What happens: without the words on the camera in front and those on setting and style behind."""
    words = without_setting(prompt)
    shot = _SHOT.match(words)
    if shot:
        return words[shot.end():].strip() or words
    head, _, rest = words.partition(". ")
    return rest if rest and "shot" in head.lower() and len(head) < 60 else words
