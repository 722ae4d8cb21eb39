"""Backends that fail, hang or deliver oddly, for tests: registered as plug-ins are, by entry points. Not a test."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from pydantic import SecretStr

from errors import GenerationFailed, Problem
from generators.animatic_generator import AnimaticGenerator
from image_generator_interface import ImageRequest
from image_generators.sketch_images import SketchImages
from runtime import process
from runtime.pools import in_thread
from video_generator_interface import BackendOptions, Capabilities, Durations, Progress, Quote, Report, SegmentRequest

VIDEO = {
    "test-buggy": "BuggyVideo",
    "test-flaky": "FlakyVideo",
    "test-hanging": "HangingVideo",
    "test-interrupted": "InterruptedVideo",
    "test-long": "LongVideo",
    "test-priced": "PricedVideo",
    "test-short": "ShortVideo",
    "test-signing": "SigningVideo",
    "test-stubborn": "StubbornVideo",
    "test-torn": "TornVideo",
    "test-two-lengths": "TwoLengths",
}
IMAGES = {"test-broken-images": "BrokenImages"}


class FlakyVideo(AnimaticGenerator):
    """Fails at the segments it is told to."""

    name = section = "test-flaky"

    class Options(BackendOptions):
        fail: tuple[int, ...] = ()

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        assert isinstance(self.options, FlakyVideo.Options)
        if request.segment in self.options.fail:
            to.write_bytes(b"half a file")
            raise GenerationFailed("out of memory")
        await super().generate(request, to, report)


class SigningVideo(AnimaticGenerator):
    """Has a secret of an unusual name, and quotes it when it fails, as vendors do."""

    name = section = "test-signing"

    class Options(BackendOptions):
        signing: SecretStr = SecretStr("")

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        assert isinstance(self.options, SigningVideo.Options)
        raise GenerationFailed(f"the vendor says: bad {self.options.signing.get_secret_value()}")


class HangingVideo(AnimaticGenerator):
    """Starts a child that sleeps, writes its process id beside the clip, and waits for ever."""

    name = section = "test-hanging"

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        report(Progress("loading"))
        code = f"import os, time; open({str(to.with_suffix('.pid'))!r}, 'w').write(str(os.getpid())); time.sleep(600)"
        await process.run([sys.executable, "-c", code])
        await asyncio.sleep(600)


class InterruptedVideo(AnimaticGenerator):
    """Is at work when somebody presses Ctrl-C."""

    name = section = "test-interrupted"

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        if request.segment == 1:  # a second signal would end the test process at once
            signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(600)


class StubbornVideo(AnimaticGenerator):
    """Works in a thread that heeds nothing, and leaves a mark when it has begun."""

    name = section = "test-stubborn"

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        def work() -> None:
            to.with_suffix(".pid").write_text(str(os.getpid()))
            while True:
                time.sleep(0.05)

        await in_thread(work)


class ShortVideo(AnimaticGenerator):
    """Delivers fewer frames than it promises."""

    name = section = "test-short"

    @property
    def capabilities(self) -> Capabilities:
        honest = super().capabilities
        return Capabilities(honest.durations, lambda seconds: honest.frames(seconds) + 5, honest.fps)

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        await super().generate(replace(request, seconds=request.seconds / 2), to, report)


class LongVideo(AnimaticGenerator):
    """Delivers half as much again as it promises."""

    name = section = "test-long"

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        await super().generate(replace(request, seconds=request.seconds * 1.5), to, report)


class PricedVideo(AnimaticGenerator):
    """Has a price, and makes clips without buying them."""

    name = section = "test-priced"
    charges = True

    class Options(BackendOptions):
        usd_per_second: Decimal | None = Decimal("0.05")

    @property
    def title(self) -> str:
        return "test-priced deluxe"

    def quote(self, seconds: float, *, audio: bool = False) -> Quote:
        assert isinstance(self.options, PricedVideo.Options)
        usd = self.options.usd_per_second
        price = None if usd is None else usd * Decimal(str(seconds))
        return Quote(price, price)


class BuggyVideo(AnimaticGenerator):
    """Has a bug."""

    name = section = "test-buggy"

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        raise ValueError("list index out of range")


class TornVideo(AnimaticGenerator):
    """Leaves a file that is cut off and says nothing."""

    name = section = "test-torn"

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        await super().generate(request, to, report)
        to.write_bytes(to.read_bytes()[:-2000])


class TwoLengths(AnimaticGenerator):
    """Makes one or two seconds, nothing else."""

    name = section = "test-two-lengths"

    @property
    def capabilities(self) -> Capabilities:
        honest = super().capabilities
        return Capabilities(Durations(choices=(1.0, 2.0)), honest.frames, honest.fps)


class BrokenImages(SketchImages):
    """Cannot draw the keyframes it is told to; when `unwell` it says beforehand that it cannot run."""

    name = section = "test-broken-images"

    class Options(BackendOptions):
        fail: tuple[str, ...] = ()
        unwell: bool = False

    def problems(self) -> Iterator[Problem]:
        assert isinstance(self.options, BrokenImages.Options)
        if self.options.unwell:
            yield Problem("test-broken-images", "no key")

    async def generate(self, request: ImageRequest, to: Path, report: Report) -> None:
        assert isinstance(self.options, BrokenImages.Options)
        if request.keyframe in self.options.fail:
            raise GenerationFailed("the brush broke")
        await super().generate(request, to, report)


def entry_points(folder: Path) -> Path:
    """Writes what makes the classes above plug-ins, into a folder that then goes onto the path."""
    info = folder / "longtake_test_backends-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: longtake-test-backends\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join(_sections()))
    return folder


def _sections() -> Iterator[str]:
    for group, names in (("video_generators", VIDEO), ("image_generators", IMAGES)):
        yield f"[longtake.{group}]"
        yield from (f"{name} = tests.backends:{class_name}" for name, class_name in names.items())
