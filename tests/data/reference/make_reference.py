"""Made the other files of this folder, with NumPy 2.4.6 and safetensors 0.8.0: arrays as those two write them.

    python3 tests/data/reference/make_reference.py [folder]

Every array but those of network.* holds the numbers 0, 0.5, 1, … (or 0, 1, 2, … of whole numbers) in C order.
"""

import sys
from pathlib import Path

import numpy as np
from safetensors import TensorSpec, serialize
from safetensors.numpy import save_file

folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)


def counting(shape, dtype):
    numbers = np.arange(int(np.prod(shape))).reshape(shape)
    return (numbers if np.dtype(dtype).kind in "iub" else numbers / 2).astype(dtype)


np.save(folder / "c_order.npy", counting((2, 3), "<f8"))
np.save(folder / "fortran_order.npy", np.asfortranarray(counting((2, 3, 4), "<f4")))
np.save(folder / "big_endian.npy", counting((2, 3), ">f8"))
np.save(folder / "big_endian_int.npy", counting((5,), ">i4"))
np.save(folder / "half.npy", counting((4,), "<f2"))
np.save(folder / "int8.npy", counting((4,), "i1"))
np.save(folder / "uint16.npy", counting((4,), "<u2"))
np.save(folder / "int64.npy", counting((2, 2), "<i8"))
np.save(folder / "bool.npy", counting((2,), "?"))
np.save(folder / "scalar.npy", np.float64(0))
np.save(folder / "empty.npy", counting((0, 3), "<f8"))
np.save(folder / "object.npy", np.array([None]), allow_pickle=True)
for version in (2, 3):
    with open(folder / f"version{version}.npy", "wb") as file:
        np.lib.format.write_array(file, counting((3,), "<f8"), version=(version, 0))
arrays = {"a": counting((2, 3), "<f8"), "inner/b": counting((3,), "<f4")}
np.savez(folder / "stored.npz", **arrays)
np.savez_compressed(folder / "deflated.npz", **arrays)

arrays = {}
for code in ("f2", "f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
    array = counting((2, 3), code)
    arrays[array.dtype.name] = array
arrays["bool"] = counting((2,), "?")


def spec(name, array):
    return TensorSpec(dtype=name, shape=array.shape, data_ptr=array.ctypes.data, data_len=array.nbytes)


specs = {name: spec(name, array) for name, array in arrays.items()}
# bfloat16, which NumPy has not, is the upper half of a float32
halves = (counting((2, 3), "<f4").view("<u4") >> 16).astype("<u2")
specs["bfloat16"] = spec("bfloat16", halves)
(folder / "types.safetensors").write_bytes(bytes(serialize(specs, metadata={"made by": "safetensors"})))

# A network 2-3-1 as another tool would save it, and what it gives: rows of x are samples.
random = np.random.default_rng(1)
network = {"layers.0.weight": random.normal(size=(3, 2)), "layers.0.bias": random.normal(size=3),
           "layers.1.weight": random.normal(size=(1, 3)), "layers.1.bias": random.normal(size=1)}
x = random.normal(size=(4, 2))
hidden = np.tanh(x @ network["layers.0.weight"].T + network["layers.0.bias"])
save_file(network, folder / "network.safetensors")
np.savez(folder / "network.npz", **network)
np.savez(folder / "network_output.npz", x=x, y=hidden @ network["layers.1.weight"].T + network["layers.1.bias"])
