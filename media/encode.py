"""Writes frames as one clip in the film's format. Knows nothing of where the frames come from."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import PictureType

from media.film_format import ENCODER, PIXEL_FORMAT, FilmFormat, encoder_options

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

UInt8 = npt.NDArray[np.uint8]


class ClipWriter:
    """Encodes frames one by one into `path` (always mp4, whatever the name says).

    The first and the last frame are IDR frames. The last one therefore is also the last packet in decode order,
    so that dropping the closing keyframe at a join later is a matter of leaving one packet out, without loss.

        with ClipWriter(path, film) as clip:
            clip.write(planes)        # I420, (H * 3 // 2, W) uint8, BT.709 limited range

    Leaving the block through an exception leaves a broken file behind: the caller owns the temporary name.
    """

    def __init__(self, path: Path, film: FilmFormat) -> None:
        self.film = film
        self.frames = 0
        self._held: UInt8 | None = None
        self._container: OutputContainer = av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"})
        self._stream = add_film_stream(self._container, film)

    def write(self, planes: UInt8) -> None:
        """Takes the next frame; it is encoded when its successor arrives, so the array must not be changed after."""
        width, height = self.film.size
        if planes.shape != (height * 3 // 2, width):
            raise ValueError(f"a frame of {planes.shape} does not fit a film of {self.film.size}")
        if self._held is not None:
            self._encode(self._held, last=False)
        self._held = planes

    def _encode(self, planes: UInt8, *, last: bool) -> None:
        frame = av.VideoFrame.from_ndarray(planes, format=PIXEL_FORMAT)
        frame.pts = self.frames
        frame.time_base = 1 / self.film.fps
        if last or self.frames == 0:
            frame.pict_type = PictureType.I
        self._container.mux(self._stream.encode(frame))
        self.frames += 1

    def __enter__(self) -> ClipWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                if self._held is None:
                    raise ValueError("a clip needs at least one frame")
                self._encode(self._held, last=True)
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()


def add_film_stream(container: OutputContainer, film: FilmFormat) -> VideoStream:
    """Adds the film's video stream, with the one encoder configuration, to an output container."""
    stream = cast("VideoStream", container.add_stream(ENCODER, rate=film.fps, options=encoder_options(film)))
    stream.width, stream.height = film.size
    stream.pix_fmt = PIXEL_FORMAT
    context: Any = stream.codec_context
    context.color_range, context.colorspace = 1, 1
    context.color_primaries, context.color_trc = 1, 1
    return stream
