"""Beings and large things that people write of and the sketcher has no shape for, by the kind that stands in. Draws nothing.

Not a dictionary: what is in no table here passes unnoticed. Small things (a letter, a key) are left out on purpose: every
story is full of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from image_generators.sketch.matching import ASIAN, plain

BEINGS = {
    "horse":
        "zebra cebra zèbre 斑马 donkey mule esel burro âne 驴 unicorn einhorn unicornio licorne 独角兽 pegasus centaur"
        " zentaur",
    "camel":
        "giraffe giraffen jirafa girafe 长颈鹿 llama alpaca lama ostrich strauß emu",
    "dragon":
        "dinosaur dinosaurier dinosaurio dinosaure 恐龙 t-rex tyrannosaurus tyrannosaur velociraptor raptor triceratops"
        " stegosaurus brontosaurus pterodactyl wyvern phoenix phönix griffin hydra gryphon",
    "elephant":
        "rhino rhinoceros nashorn rinoceronte 犀牛 hippo hippopotamus nilpferd hipopótamo 河马 mammoth mammut mamut mammouth"
        " 猛犸象",
    "lion":
        "tiger tigre 老虎 leopard cheetah jaguar panther puma lynx 豹子",
    "bear":
        "gorilla ape affe affen orangutan chimpanzee chimp gorille panda 熊猫 大猩猩 koala yeti bigfoot wombat sloth walrus"
        " walross",
    "cat":
        "monkey singe 猴子 lemur meerkat mongoose weasel",
    "fox":
        "raccoon waschbär mapache badger dachs otter beaver biber coyote jackal 浣熊",
    "wolf":
        "hyena hyäne werewolf werewolves werwolf",
    "cow":
        "buffalo bison pig piglet schwein cerdo cochon 猪 boar wildschwein yak minotaur minotaurus",
    "sheep":
        "goat ziege ziegen cabra chèvre 山羊",
    "deer":
        "antelope gazelle antilope moose elch alce",
    "rabbit":
        "kangaroo känguru canguro kangourou 袋鼠 wallaby",
    "mouse":
        "hedgehog igel erizo hérisson 刺猬 squirrel eichhörnchen ardilla écureuil 松鼠 hamster frog toad frosch rana"
        " grenouille 青蛙 spider spinne araña araignée 蜘蛛 ant ameise lizard eidechse gecko chameleon snail schnecke caracol"
        " beetle scorpion skorpion crab krabbe cangrejo 螃蟹 tortoise turtle schildkröte tortuga tortue 乌龟 海龟 porcupine"
        " skunk",
    "dog":
        "crocodile alligator krokodil cocodrilo 鳄鱼 komodo",
    "fish":
        "shark hai tiburón requin 鲨鱼 dolphin delfin delfín dauphin 海豚 octopus krake pulpo pieuvre 章鱼 squid jellyfish"
        " qualle medusa méduse 水母 seahorse seepferdchen stingray manta lobster kraken sea_lion eel snake serpent schlange"
        " serpiente python cobra 蛇",
    "bird":
        "butterfly butterflies schmetterling mariposa papillon 蝴蝶 bee biene bienen abeja abeille 蜜蜂 dragonfly dragonflies"
        " libelle moth bat fledermaus murciélago chauve-souris 蝙蝠 peacock pfau flamingo swan schwan cisne cygne 天鹅 goose"
        " ente pato canard 鸭子 chicken hen rooster huhn gallina poule 鸡 pelican toucan ladybug firefly fireflies",
    "man":
        "ghost geist fantasma fantôme 幽灵 alien außerirdischer extraterrestrial extraterrestre 外星人 zombie vampire vampir"
        " vampiro monster ungeheuer monstruo monstre 怪物 troll ogre goblin skeleton skelett esqueleto squelette golem demon"
        " dämon demonio démon cyclops snowman scarecrow vogelscheuche cyborg",
    "woman":
        "mermaid meerjungfrau sirena sirène 美人鱼 fairy fairies hada fée 仙女 elf elves pixie",
}

THINGS = (
    "helicopter hubschrauber helikopter helicóptero hélicoptère 直升机 airplane aeroplane flugzeug avión avion 飞机 jet_plane"
    " biplane glider zeppelin drone drohne ufo flying_saucer bus autobus autobús 公共汽车 公交车 lorry lorries tractor"
    " traktor motorcycle motorbike motorrad motocicleta moto 摩托车 scooter tram streetcar straßenbahn tranvía tramway"
    " submarine u-boot submarino sous-marin 潜水艇 bulldozer excavator bagger ambulance fire_engine stagecoach kutsche 马车"
    " cable_car skateboard surfboard hovercraft sleigh sled schlitten trineo piano klavier flügelhorn 钢琴 guitar gitarre"
    " guitarra guitare 吉他 violin geige violín violon 小提琴 cello harp harfe trumpet trompete trompeta trompette drum_kit"
    " schlagzeug saxophone accordion akkordeon telescope teleskop fernrohr telescopio télescope 望远镜 statue estatua 雕像"
    " carousel merry-go-round karussell carrusel ferris_wheel riesenrad roller_coaster achterbahn volcano vulkan volcán"
    " volcan 火山 throne thron trono trône 王座 grandfather_clock standuhr hammock hängematte swing_set schaukel columpio"
    " wheelchair rollstuhl time_machine zeitmaschine satellite satellit spider_web"
)
"""Vehicles, instruments and landmarks: nothing stands in for them."""

NOT_MEANT = re.compile(
    r"(?:\b(?:like|as|no|without|than|wie|ohne|kein|keine|keinen|comme|sans|como|sin|toy|stuffed|plush|paper|wooden|painted"
    r"|carved|dreams? of|dreamt of|thinks? of|story of|picture of|shaped like)\s+"
    r"(?:(?:a|an|the|any|ein|eine|einen|un|une|una)\s+)?"
    r"(?:\w+\s+)?|像|没有|无)$")
"""What stands before a word that names nothing to be seen as such: a simile, its absence, a likeness of it."""
COMPOUND = re.compile(r"[-\s]+(?:crossing|stripes?|striped|print|music|lesson|lessons|school|museum|shop|store|factory|station"
                      r"|stop|sound|sounds|noise|song|skin|bones?|fossils?|tracks?|costume|suit|mask|tales?|lights?|town|bars)\b")
"""What stands behind a word that only tells what kind of another thing it is."""


IDIOMS = re.compile(r"\b(?:snakes?|ducks?) (?:up|down|through|along|around|into|across|over|between|under|behind)\b")
"""Roads snake, and people duck."""


@dataclass(frozen=True)
class Named:
    """A word of the text for something without a shape. `at`: where it stands. `stand_in`: the kind drawn for it, or ``."""

    word: str
    at: int
    stand_in: str


@cache
def _terms() -> tuple[dict[str, str], re.Pattern[str]]:
    """Each word with the kind that stands in for it, and one expression that finds them all, the longest first."""
    table = {plain(word).replace("_", " "): kind for kind, words in BEINGS.items() for word in words.split()}
    table |= {plain(word).replace("_", " "): "" for word in THINGS.split()}
    longest = sorted(table, key=len, reverse=True)
    spaced = "|".join(re.escape(word) for word in longest if not ASIAN.search(word))
    asian = "|".join(re.escape(word) for word in longest if ASIAN.search(word))
    return table, re.compile(rf"(?<![\w-])({spaced})(?:s|es)?(?![\w-])|({asian})")


def shapeless(text: str) -> Iterator[Named]:
    """What the text (as `plain` gives it) names that has no shape, in its order; a word each time it stands there."""
    table, pattern = _terms()
    text = IDIOMS.sub(lambda idiom: " " * len(idiom[0]), text)
    for found in pattern.finditer(text):
        meant = not NOT_MEANT.search(text[max(0, found.start() - 40):found.start()]) and not COMPOUND.match(text, found.end())
        if meant:
            word = found[1] or found[2]
            yield Named(word, found.start(), table[word])
