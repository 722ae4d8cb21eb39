"""On which side of a picture its landmark and its first figure stand, so that both stay in view. Draws nothing."""

from __future__ import annotations

import numpy as np

from image_generators.sketch.scene_words import Scene, number

_LANDMARKS = ("lighthouse", "castle", "tower", "church", "windmill")
_FIXED = {"deck": 1, "tower": 1}


def side_of(scene: Scene, name: str) -> int:
    """The side a named thing stands on: -1 is left. On a coast all stand on the cliff, away from the sun."""
    if scene.place == "coast":
        return 1 if scene.seed & 64 else -1
    return -1 if np.random.default_rng(number(scene.seed, "prop", name)).random() < 0.5 else 1


def towards(scene: Scene) -> int:
    """The side the first figure looks to; it stands on the other. A landmark is on its own side, so close shots keep it."""
    if scene.place in _FIXED:
        return _FIXED[scene.place]
    for name in _LANDMARKS:
        if name in scene.details:
            return -side_of(scene, name)
    return 1 if scene.seed & 2 else -1
