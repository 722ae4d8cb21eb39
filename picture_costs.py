"""How the pictures of a film are made, as far as an estimate has to know. Reckons nothing itself."""

from __future__ import annotations

from collections.abc import Sequence

import picture_judge
import sheets
from config import PipelineConfig
from cost_estimator import Pictures
from image_generator_interface import ImageGenerator
from orders import Orders
from storyboard import Storyboard


def to_be_paid(storyboard: Storyboard, backends: Sequence[ImageGenerator], config: PipelineConfig, orders: Orders) -> Pictures:
    """The sheets that are drawn first, how many pictures each keyframe takes, and what choosing between them costs."""
    asked = [sheets.request_for(slot, storyboard, config) for slot in sheets.needed(storyboard, backends, config, orders)]
    judge = picture_judge.bound_usd(config, backends[0].terms.catalogue)
    return Pictures(asked, config.keyframes.candidates, config.keyframes.rerolls, config.keyframes.judge or "", judge)
