"""What clips cost: `python -m bench.clips`. CPU seconds of this process; `n` lanes cost `n` times the first figure."""

from __future__ import annotations

import time

import config
from bench.seeing import street
from interaction.album import Picture
from interaction.film import film
from interaction.seeing.base import jpeg

SECONDS = 10


def main() -> None:
    bounds = config.Clips()
    frames = [frame for _, frame in zip(range(int(SECONDS * bounds.fps)), street(), strict=False)]
    jpeg(frames[0].image, bounds.side, bounds.quality)  # loading is not what is measured
    begin = time.process_time()
    taken = [jpeg(frame.image, bounds.side, bounds.quality) for frame in frames]
    ring = time.process_time() - begin
    pictures = [Picture(n / bounds.fps, picture) for n, picture in enumerate(taken)]
    film(pictures[:1], 0.0, bounds.fps)
    begin = time.process_time()
    made = film(pictures, SECONDS, bounds.fps)
    cost = time.process_time() - begin
    kept = sum(map(len, taken)) * bounds.before_s / SECONDS
    print(f"a lane while a watch stands   {ring / SECONDS:.2%} of a core, {kept / 1e6:.1f} MB of pictures")
    print(f"a clip of {SECONDS} s                {cost:.2f} CPU s, {len(made) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
