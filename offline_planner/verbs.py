"""English verbs the planner knows, by what the camera makes of them. A verb that is not here is still carried through."""

from __future__ import annotations

from typing import Final

from offline_planner.vocabulary import words_of

# Verbs in their base form, by what the camera makes of them.
TRAVEL: Final = words_of(
    "walk run ride drive sail row fly cross follow chase hurry rush march travel wander stroll stride gallop race cycle "
    "swim climb enter leave arrive return approach flee escape crawl drift float glide roll hike skate limp trudge steer "
    "paddle sprint wade"
)
DISCOVER: Final = words_of(
    "find discover see notice spot open reveal uncover recognise recognize unlock lift spy realise realize unfold"
)
FEEL: Final = words_of(
    "smile cry weep laugh whisper kiss hug blush sigh frown grin tremble stare gaze remember hesitate pray embrace sob "
    "nod wince"
)
RISE: Final = words_of("climb rise soar ascend tower lift launch")
FALL: Final = words_of("fall sink descend drop land dive collapse kneel plunge")
REST: Final = words_of("sit sleep wait stand lie rest watch listen dream read think look wake breathe pause stay live")
DO: Final = words_of(
    "take give bring carry hold put place set light burn shine glow blow break cut make build write draw paint play sing "
    "dance cook eat drink pour push pull throw catch hit fight shoot kill save help meet greet call shout yell say tell "
    "ask answer speak talk turn stop start begin finish end close shut knock ring touch grab grip pick dig plant wash "
    "clean fix repair work wind tie untie wrap unwrap hide search seek look point wave jump leap spin swing shake bow "
    "raise lower wear show offer buy sell steal pay bark howl meow growl purr sniff wag appear vanish disappear emerge "
    "step slip slide tumble crash flash flicker fade grow melt freeze go come get keep let lead lean learn load move pass "
    "peel press reach row scatter send serve share shed sweep tap tear toss trace tug type unload wipe hammer polish "
    "guide gather feed strike clap scream rescue circle hover arrive pack hang stretch knead tighten loosen roar water "
    "rock rumble kick spill stir bake sew knit plough harvest anchor board aim charge attack defend duel dodge duck skip "
    "hop stumble trip tiptoe sneak lurk peek peer glance blink yawn scratch nibble sip swallow chew taste smell breathe "
    "exhale inhale mumble murmur mutter hiss chirp hoot squeak buzz hum whistle echo creak rustle crackle sizzle splash "
    "drip trickle gush flood erupt explode burst shatter crack crumble dissolve unfurl bloom wither swell shrink shimmer "
    "sparkle glitter gleam glimmer flare ignite extinguish dim darken brighten awaken kneel dart clutch clasp stalk tuck "
    "wriggle scurry scramble stagger watch sound cover settle switch leave do have be know hear feel become lose win haul "
    "drag drop heave"
)
VERBS: Final = TRAVEL | DISCOVER | FEEL | RISE | FALL | REST | DO
IRREGULAR: Final[dict[str, str]] = dict(
    pair.split(":")
    for pair in words_of(
        "ran:run rode:ride drove:drive flew:fly swam:swim left:leave fled:flee found:find saw:see wept:weep rose:rise "
        "fell:fall sank:sink sat:sit slept:sleep stood:stand lay:lie lies:lie lying:lie took:take gave:give brought:bring "
        "held:hold lit:light shone:shine blew:blow broke:break made:make built:build wrote:write drew:draw sang:sing "
        "ate:eat drank:drink threw:throw caught:catch fought:fight shot:shoot met:meet said:say told:tell spoke:speak "
        "began:begin rang:ring dug:dig wound:wind hid:hide sought:seek swung:swing shook:shake wore:wear bought:buy "
        "sold:sell stole:steal paid:pay slid:slide grew:grow froze:freeze went:go goes:go came:come got:get kept:keep "
        "led:lead sent:send tore:tear hung:hang did:do does:do had:have has:have is:be are:be was:be were:be knew:know "
        "heard:hear felt:feel became:become lost:lose won:win woke:wake spun:spin swept:sweep struck:strike dove:dive "
        "dying:die tying:tie fed:feed"
    )
)


def base_of(word: str) -> str | None:
    """The base form of an English verb this planner knows, or None: `climbs`, `climbed`, `climbing` -> `climb`."""
    low = word.lower()
    if low in VERBS:
        return low
    if low in IRREGULAR:
        return IRREGULAR[low]
    for ending, put in (("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e")):
        stem = low.removesuffix(ending) + put
        if not low.endswith(ending):
            continue
        if stem in VERBS:
            return stem
        if len(stem) > 3 and stem[-1] == stem[-2] and stem[:-1] in VERBS:
            return stem[:-1]
    return None


def is_finite(word: str) -> bool:
    """Whether the word can be the verb of a clause: `climbs`, `ran`, `is`; not `climbing`, nor `climb`, a noun too."""
    low = word.lower()
    return base_of(low) is not None and not low.endswith("ing") and low not in VERBS
