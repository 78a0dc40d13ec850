"""How long every near-miss of a client takes through real sockets to the server, both in this process.

    python tests/bench/near_misses.py

Those that are wrong in time alone are left out: they take the time that they are wrong by. Prints seconds of the wall
and of the CPU, of both ends together, and by how much the process has grown, in its second round.
"""

import asyncio
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "fuzzing"))

from own_server import AT_ANY_TIME, PLAYS, near_misses, play_for, sent


def main() -> None:
    every = near_misses(*AT_ANY_TIME)
    for number in ("first", "second"):
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        wall, cpu = time.monotonic(), time.process_time()
        outcomes = 0
        for play in ("", *PLAYS):
            found, failures, left, _ = asyncio.run(
                sent([each for each in every if play_for(each) == play], play)
            )
            outcomes += len(found)
            if failures or left:
                sys.exit(f"the server has failed or left tasks behind: {failures or left}")
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
        print(
            f"{number} round: {outcomes} near-misses in {wall:.1f} s, {cpu:.1f} s of CPU, {grown / 1024:.1f} MiB more",
            flush=True,
        )


if __name__ == "__main__":
    main()
