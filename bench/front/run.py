"""Runs the crate's `bench_front` example and its numpy peer and prints both, with ratios.

    cargo build --release -p sanad-front --example bench_front
    python3 bench/front/run.py target/release/examples/bench_front

Needs numpy and two free processor cores; processor seconds are printed too, because wall-clock
times mean little on a busy machine.
"""

import pathlib
import re
import resource
import subprocess
import sys


def run(command):
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(re.findall(r"^(\w+) ([\d.]+)$", text, re.M)), text


def main():
    rust, text = run([sys.argv[1]])
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(text, f"rust memory_mb {memory:.0f}", sep="")
    peer, text = run([sys.executable, str(pathlib.Path(__file__).with_name("numpy_peer.py"))])
    print(text)
    assert abs(float(rust["index_mean"]) - float(peer["index_mean"])) < 1e-6
    for name in ("errors_width", "alternatives_width"):
        assert abs(float(rust[name]) / float(peer[name]) - 1) < 0.02, name
    for name in sorted(rust):
        if name.endswith("seconds"):
            print(f"{name}: {float(peer[name]) / float(rust[name]):.1f} times numpy")


if __name__ == "__main__":
    main()
