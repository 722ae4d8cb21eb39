"""The words the offline planner knows, as data. Not a dictionary: what is not here is carried through as it was written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final


def words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


def any_of(words: Iterable[str]) -> str:
    """A regex alternative of these words, the longest first, so that `pine forest` wins over `pine`."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


# Nouns a scene can be set in. The noun phrase around one of them is what names the location.
PLACES_OUTSIDE: Final = words_of(
    "sea ocean coast shore beach bay cove harbour harbor port pier dock docks quay jetty wharf cliff cliffs island "
    "lighthouse reef lagoon lake river stream waterfall pond canal swamp marsh mountain mountains hill hills hilltop peak "
    "summit ridge valley canyon gorge cave cavern glacier volcano crater forest woods wood jungle clearing meadow field "
    "fields farm orchard vineyard garden park desert dunes oasis plain plains steppe prairie savannah savanna tundra road path "
    "trail highway crossroads bridge city town village street streets alley alleyway square plaza marketplace market "
    "bazaar rooftop rooftops roof courtyard playground stadium station platform airport runway graveyard cemetery "
    "battlefield castle palace temple ruins fortress tower gate countryside moor moon planet mars space orbit sky clouds "
    "deck ship boat riverbank moorland shipyard yard rails railway tracks border camp campsite suburb suburbs skyline "
    "waterfront boardwalk promenade"
)
PLACES_INSIDE: Final = words_of(
    "kitchen bedroom room attic cellar basement hall hallway corridor staircase library study office classroom school "
    "hospital laboratory lab workshop garage barn stable church cathedral chapel museum gallery theatre theater cinema "
    "bar pub tavern inn cafe café restaurant diner bakery shop store bookshop supermarket factory warehouse house cottage "
    "cabin hut home apartment flat hotel lobby elevator prison cell courtroom bunker tunnel subway metro train carriage "
    "wagon bus taxi car cockpit spaceship spacecraft airlock greenhouse bathroom nursery studio ballroom throne-room "
    "dungeon tent mill windmill bank casino nightclub club gym arcade observatory mansion skyscraper parlour parlor "
    "pantry stage arena"
)
PLACES: Final = PLACES_OUTSIDE | PLACES_INSIDE
VAST_PLACES: Final = words_of(
    "sea ocean coast mountain mountains valley canyon desert dunes plain plains steppe prairie savannah tundra city "
    "skyline space orbit glacier volcano forest jungle island sky planet moon mars field fields"
)
TALL_THINGS: Final = words_of(
    "tower towers lighthouse skyscraper cliff cliffs mountain mountains sky stars moon steeple tree trees castle"
)

# Living things: who can be a character. The pronoun each is met with, as far as the noun tells.
SHE: Final = words_of(
    "woman girl mother grandmother daughter sister wife queen princess lady widow witch actress waitress nun heroine aunt "
    "bride granddaughter niece ballerina fisherwoman stewardess mermaid"
)
HE: Final = words_of(
    "man boy father grandfather son brother husband king prince gentleman wizard actor waiter monk hero uncle groom "
    "fisherman grandson nephew policeman postman fireman milkman salesman cowboy businessman"
)
PERSON: Final = words_of(
    "keeper captain sailor pirate detective inspector cop officer soldier guard knight warrior hunter farmer shepherd "
    "baker cook chef teacher student professor scientist doctor nurse surgeon artist painter musician violinist pianist "
    "singer dancer poet writer journalist reporter photographer astronaut pilot driver traveller traveler stranger child "
    "kid baby teenager thief burglar merchant trader blacksmith carpenter mechanic engineer clockmaker watchmaker "
    "lamplighter gardener librarian clerk vendor bartender neighbour neighbor friend priest judge lawyer murderer killer "
    "assassin spy agent boss emperor explorer climber hiker runner cyclist surfer diver swimmer skater fisher miner "
    "inventor magician clown acrobat beggar nomad monk messenger courier porter conductor drummer guitarist trumpeter "
    "boxer gangster hacker apprentice orphan ghost elder tailor potter shopkeeper innkeeper ferryman beekeeper goatherd "
    "cartographer mapmaker"
)
CREATURE: Final = words_of(
    "dog puppy cat kitten fox wolf bear horse pony donkey cow goat sheep lamb pig rabbit hare mouse rat squirrel deer "
    "stag lion tiger elephant monkey whale dolphin seal shark turtle octopus bird gull seagull crow raven owl eagle hawk "
    "parrot penguin duck goose swan hen rooster frog snake dragon unicorn robot android giant dwarf elf fairy troll "
    "monster alien golem snail bee butterfly hedgehog otter heron camel falcon zebra giraffe dinosaur crocodile alligator "
    "rhino rhinoceros hippo hippopotamus panda kangaroo gorilla ape leopard cheetah panther ostrich llama lizard spider crab "
    "bat squid jellyfish tortoise badger raccoon beaver bison buffalo boar moose antelope mammoth zombie vampire skeleton"
)
LIVING: Final = SHE | HE | PERSON | CREATURE
GROUPS: Final = words_of(
    "children men women people sailors soldiers villagers fishermen robots dogs birds gulls wolves crowd family couple twins"
)
TITLES: Final = (
    "Mr.",
    "Mrs.",
    "Ms.",
    "Dr.",
    "Captain",
    "Detective",
    "Inspector",
    "Professor",
    "Princess",
    "Prince",
    "King",
    "Queen",
    "Old",
    "Grandma",
    "Grandpa",
    "Aunt",
    "Uncle",
    "Sergeant",
    "Agent",
    "Officer",
    "Doctor",
    "Commander",
    "Sister",
    "Brother",
    "Father",
)

DETAIL: Final = words_of(
    "hand hands finger fingers face eye eyes tear tears smile lips mouth key ring letter photograph photo note locket "
    "coin match candle page pages watch needle button petal cheek brow heartbeat wrinkle wrinkles fingertips palm"
)
ABSTRACT: Final = words_of(
    "thought thinks believed believes remembers remembered knew knows perhaps maybe always never usually had would could should"
)
COLOURS: Final = words_of(
    "red orange yellow green blue purple violet pink brown black white grey gray golden silver crimson scarlet turquoise "
    "teal beige ginger copper bronze emerald indigo"
)
STYLE: Final = re.compile(
    r"\b(?:in the style of [^.;,\n]+|(?:painted |drawn )?in (?:the )?\w+ style|water-?colou?rs?(?: style| "
    r"film| painting| animation)?|(?:35|16|8|70)\s?mm(?: film)?|"
    r"super 8(?: film)?|film noir|noir(?= (?:film|style|city|look|mood|story|thriller))|(?:neo-noir|"
    r"noir)(?=[.,;\n]|$)|anime|claymation|stop[- ]motion|oil painting|"
    r"black[- ]and[- ]white|pixel art|pencil (?:sketch|drawing)|charcoal drawing|cel[- ]shaded|hand[- ]drawn(?: animation)?|"
    r"documentary(?: style| look)?|low[- ]poly|papercut|paper cut-?out|photorealistic|cyberpunk|steampunk|"
    r"ukiyo-e|comic[- ]book(?: style)?|"
    r"technicolor|vintage film|silent film|art deco|impressionis[mt]\w*)\b|水墨画|水彩|动漫风格|黑白电影|Aquarell(?:stil)?|"
    r"im Stil von [^.;,\n]+",
    re.IGNORECASE,
)
