"""The line protocol of ../protocol.js for programs in Python, and the reader of the work."""
import ctypes
import json
import os
import sys
import time


def answer(value):
    print(json.dumps(value), flush=True)


def read_work(np):
    """Reads spec, batch size, learning rate, images u8[N, 1, 28, 28], labels i64[N], and weights by name."""
    folder = sys.argv[1]
    with open(os.path.join(folder, "work.json")) as file:
        work = json.load(file)
    labels = np.fromfile(os.path.join(folder, "labels.u8"), np.uint8).astype(np.int64)
    images = np.fromfile(os.path.join(folder, "images.u8"), np.uint8)
    block = np.fromfile(os.path.join(folder, "weights.f32"), np.float32)
    weights, at = {}, 0
    for parameter in work["parameters"]:
        length = int(np.prod(parameter["shape"]))
        weights[parameter["key"]] = block[at : at + length].reshape(parameter["shape"])
        at += length
    images = images.reshape(len(labels), *work["spec"]["inputShape"])
    return {**work, "images": images, "labels": labels, "weights": weights}


def blas():
    """Which BLAS this process has loaded, and which of its kernels runs."""
    with open("/proc/self/maps") as file:
        paths = sorted({line.split()[-1] for line in file if "blas" in line.rsplit("/", 1)[-1]})
    for path in paths:
        try:
            library = ctypes.CDLL(path)
            for suffix in ("", "64_"):
                name = getattr(library, "openblas_get_corename" + suffix, None)
                if name is not None:
                    name.restype = ctypes.c_char_p
                    return f"OpenBLAS {name().decode()}"
        except OSError:
            pass
    return "OpenBLAS" if any("openblas" in path for path in paths) else "reference BLAS"


def serve(version, verify, train):
    """verify(steps) returns losses; train(steps) runs one epoch and returns its mean loss and accuracy."""
    answer({"version": version})
    for line in sys.stdin:
        command, steps, times = line.split()
        try:
            if command == "verify":
                answer({"losses": verify(int(steps))})
                continue
            ms = []
            for _ in range(int(times)):
                begin = time.perf_counter()
                loss, accuracy = train(int(steps))
                ms.append((time.perf_counter() - begin) * 1000)
            answer({"ms": ms, "loss": loss, "accuracy": accuracy})
        except Exception as error:  # the bench prints it
            answer({"error": repr(error)})
