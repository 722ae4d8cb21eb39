"""What a video file holds, as found and not as promised by its header. Converts nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from av.error import FFmpegError

from errors import MediaError
from media.colour import display_size
from media.film_format import Size
from media.open_video import be_strict, open_video

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream


@dataclass(frozen=True)
class VideoFacts:
    """One video file.

    size: as shown, rotation and pixel shape taken into account. fps: exact where the rate is constant, else the average.
    frames: counted packet by packet. constant_rate: every frame is where `fps` puts it, within one tick of the file's clock.
    audio_seconds: 0 when there is no sound. keyframes: their numbers, counted from 0 in the order shown.
    ends_on_keyframe: the last frame shown is a keyframe and the last packet, so it can be left out without loss.
    """

    container: str
    codec: str
    pixel_format: str
    size: Size
    fps: Fraction
    frames: int
    duration_s: float
    constant_rate: bool
    audio_seconds: float
    extradata_sha256: str
    keyframes: tuple[int, ...]
    ends_on_keyframe: bool

    @property
    def has_audio(self) -> bool:
        return self.audio_seconds > 0


@dataclass(frozen=True)
class FrameTimes:
    """When each frame is shown, in ticks of `time_base` and in display order, and which of them are keyframes."""

    ticks: tuple[int, ...]
    time_base: Fraction
    last_lasts: int
    keyframes: tuple[int, ...]
    last_is_last_packet: bool

    @property
    def seconds(self) -> tuple[Fraction, ...]:
        """Counted from the first frame."""
        return tuple((tick - self.ticks[0]) * self.time_base for tick in self.ticks)


def probe(path: Path) -> VideoFacts:
    """Reads every packet and decodes the first frame. Raises MediaError: not a video, empty, cut off, undecodable."""
    size, pixel_format = _first_picture(path)
    with open_video(path, packets_only=True) as (container, video):
        promised = video.frames
        extradata = video.codec_context.extradata or b""
        rates = [rate for rate in (video.guessed_rate, video.average_rate) if rate]
        kind, codec = container.format.name, video.codec_context.name
        times, seen, audio_seconds = _read_packets(container, video)
    if promised > seen:
        raise MediaError(f"the file is cut off: it should hold {promised} frames, and has {seen}")
    fps, constant = _rate(times, rates)
    return VideoFacts(
        container=kind, codec=codec, pixel_format=pixel_format, size=size, fps=fps, frames=len(times.ticks),
        duration_s=float((times.ticks[-1] - times.ticks[0] + times.last_lasts) * times.time_base), constant_rate=constant,
        audio_seconds=audio_seconds, extradata_sha256=hashlib.sha256(extradata).hexdigest(), keyframes=times.keyframes,
        ends_on_keyframe=times.last_is_last_packet and times.keyframes[-1:] == (len(times.ticks) - 1,),
    )


def frame_times(path: Path) -> FrameTimes:
    """Reads the packets and decodes nothing. Raises MediaError when there is no frame in the file."""
    with open_video(path, packets_only=True) as (container, video):
        return _read_packets(container, video)[0]


def check_decodes(path: Path) -> int:
    """Decodes the whole file, strictly, and returns how many frames came out. Raises MediaError naming the first bad frame."""
    done = 0
    with open_video(path) as (container, video):
        be_strict(video)
        for packet in container.demux(video):
            try:
                frames = packet.decode()
            except FFmpegError as error:
                raise MediaError(f"{_named(path, packet)} cannot be decoded: {error.strerror}") from error
            if packet.is_corrupt or any(frame.is_corrupt for frame in frames):
                raise MediaError(f"{_named(path, packet)} is damaged")
            done += len(frames)
    if not done:
        raise MediaError("there is not one frame in the file")
    return done


def _named(path: Path, packet: Packet[VideoStream]) -> str:
    """What a person calls the packet's frame. The file is read once more for it: this happens only to damaged ones."""
    ticks = frame_times(path).ticks
    return f"frame {ticks.index(packet.pts)}" if packet.pts in ticks else "the last frame"


def _first_picture(path: Path) -> tuple[Size, str]:
    with open_video(path) as (container, video):
        for frame in container.decode(video):
            return display_size(frame, video.sample_aspect_ratio), frame.format.name
    raise MediaError("there is not one frame in the file")


def _read_packets(container: InputContainer, video: VideoStream) -> tuple[FrameTimes, int, float]:
    """The frames' times, the number of packets (with those an edit list hides), the seconds of the first sound track."""
    pictures: list[tuple[int, int, bool]] = []
    sound: list[tuple[int, int]] = []
    seen = 0
    audio = container.streams.audio[:1]
    for packet in container.demux(video, *audio):
        if not packet.size or packet.is_corrupt:
            continue
        start = _start(packet, len(pictures))
        if packet.stream_index != video.index:
            sound.append((start, start + (packet.duration or 0)))
            continue
        seen += 1
        if not packet.is_discard:
            pictures.append((start, packet.duration or 0, packet.is_keyframe))
    if not pictures:
        raise MediaError("there is not one frame in the file")
    shown = sorted(pictures)
    times = FrameTimes(
        tuple(start for start, _, _ in shown), Fraction(video.time_base or 1), shown[-1][1] or _usual_step(shown),
        tuple(number for number, (_, _, key) in enumerate(shown) if key), pictures[-1] == shown[-1],
    )
    return times, seen, _audio_seconds(sound, audio)


def _start(packet: Packet[Stream], number: int) -> int:
    """The packet's time; AVI files have none for some codecs and are then counted."""
    return next((time for time in (packet.pts, packet.dts) if time is not None), number)


def _usual_step(shown: Sequence[tuple[int, int, bool]]) -> int:
    """How long the last frame lasts when the file does not say: as long as the mean of the others."""
    return round((shown[-1][0] - shown[0][0]) / max(1, len(shown) - 1))


def _audio_seconds(sound: Sequence[tuple[int, int]], audio: Sequence[Stream]) -> float:
    if not sound:
        return 0.0
    ticks = max(end for _, end in sound) - max(0, min(start for start, _ in sound))
    return float(ticks * Fraction(audio[0].time_base or 1))


def _rate(times: FrameTimes, rates: Sequence[Fraction]) -> tuple[Fraction, bool]:
    """The rate, and whether all frames keep to it. A header's rate is believed only when they do."""
    first, last, count = times.ticks[0], times.ticks[-1], len(times.ticks)
    if count == 1 or last == first:
        return (Fraction(rates[0]) if rates else Fraction(1)), True
    mean = Fraction(count - 1) / ((last - first) * times.time_base)
    for rate in [*map(Fraction, rates), mean]:
        step = 1 / (rate * times.time_base)
        if all(abs(tick - first - number * step) <= 1 for number, tick in enumerate(times.ticks)):
            return rate, True
    return mean.limit_denominator(1001), False
