"""What another tool makes of the files that numpy_test.cpp wrote, and files for it to read.

    python3 numpy_check.py folder

Checks network.safetensors or network.npz, .npy and their outputs in the folder, writes back_*; prints a line for each
thing that was checked or, beginning with "skipped", left out, and stops with status 1 where something is wrong.
"""

import sys
from pathlib import Path

import numpy as np

try:
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file
except ImportError as error:
    load_file = None
    print(f"skipped: safetensors cannot be imported ({error})")

folder = Path(sys.argv[1])
x, y = np.load(folder / "x.npy"), np.load(folder / "y.npy")


def check_network(name, p):
    hidden = np.tanh(x @ p["layers.0.weight"].T + p["layers.0.bias"])
    found = hidden @ p["layers.1.weight"].T + p["layers.1.bias"]
    assert found.shape == y.shape, (found.shape, y.shape)
    assert np.abs(found - y).max() < 1e-14, np.abs(found - y).max()
    assert p["layers.0.weight"].dtype == np.float64 and p["layers.0.weight"].shape == (5, 2)
    print(name)


archive = np.load(folder / "network.npz")
check_network("network.npz", archive)
assert b'"kind":"Chain"' in archive["costate.network"]
flat = np.concatenate([archive[name].T.ravel() for name in archive.files if name.startswith("layers")])
assert np.array_equal(flat, np.load(folder / "network.npy"))
assert np.load(folder / "float.npy").dtype == np.float32
print("network.npy, float.npy")
if (folder / "deflated.npz").exists():
    check_network("deflated.npz", np.load(folder / "deflated.npz"))

p = {name: archive[name] for name in archive.files if name.startswith("layers")}
np.savez(folder / "back_network.npz", **{name: np.asfortranarray(array) for name, array in p.items()})
np.savez_compressed(folder / "back_deflated.npz", **{name: array.astype(">f8") for name, array in p.items()})
np.save(folder / "back_network.npy", flat)

if load_file:
    stored = load_file(folder / "network.safetensors")
    check_network("network.safetensors", stored)
    assert all(np.array_equal(stored[name], p[name]) for name in p) and len(stored) == len(p)
    with safe_open(folder / "network.safetensors", "np") as file:
        assert '"kind":"Chain"' in file.metadata()["costate.network"]
    save_file(p, folder / "back_network.safetensors")
