"""
NumPy, vectorised: patches are columns of a matrix (im2col), so that every product is one call of BLAS.
Argument: FOLDER. Only for the reference network.
"""
import sys

from protocol import answer, blas, read_work, serve

try:
    import numpy as np
except ImportError as error:
    answer({"unavailable": f"{error}. apt-get install python3-numpy"})
    sys.exit()

work = read_work(np)
batch_size, rate = work["batchSize"], np.float32(work["learningRate"])
images, labels = work["images"], work["labels"]
count, random = len(labels), np.random.default_rng(1)
parameters = {}
FILTERS, CONV, POOLED = 12, 26, 13


def reset():
    parameters.update({key: value.copy() for key, value in work["weights"].items()})


def patches(x):
    """x[N, 28, 28] → [9, N · 26 · 26], the four places of a pooling window outermost among the columns."""
    columns = np.empty((9, 4, len(x), POOLED, POOLED), np.float32)
    for p in range(3):
        for q in range(3):
            for a in range(2):
                for b in range(2):
                    top, left = p + a, q + b
                    columns[p * 3 + q, a * 2 + b] = x[:, top : top + CONV : 2, left : left + CONV : 2]
    return columns.reshape(9, -1)


def step(x, y):
    n = len(y)
    w, b, v, c = (parameters[key] for key in ("0.weight", "0.bias", "4.weight", "4.bias"))
    columns = patches(x)
    conv = (w.reshape(FILTERS, 9) @ columns).reshape(FILTERS, 4, -1)
    # a tournament finds the first maximum of the four; the bias is the same for all four and is added after it
    upper, lower = np.maximum(conv[:, 0], conv[:, 1]), np.maximum(conv[:, 2], conv[:, 3])
    is_right = conv[:, 1] > conv[:, 0], conv[:, 3] > conv[:, 2]
    is_lower = lower > upper
    pooled = np.maximum(np.maximum(upper, lower) + b[:, None], np.float32(0))
    features = pooled.reshape(FILTERS, n, -1).transpose(1, 0, 2).reshape(n, -1)
    logits = features @ v.T + c

    shifted = logits - logits.max(1, keepdims=True)
    total = np.exp(shifted).sum(1, keepdims=True)
    rows = np.arange(n)
    loss = float((np.log(total[:, 0]) - shifted[rows, y]).mean())
    correct = int((logits.argmax(1) == y).sum())

    dy = np.exp(shifted) / total
    dy[rows, y] -= 1
    dy /= np.float32(n)
    dpooled = (dy @ v).reshape(n, FILTERS, -1).transpose(1, 0, 2).reshape(FILTERS, -1)
    dpooled *= pooled > 0
    dconv = conv  # reuses the memory; the values are no longer needed
    for row, dy_row in enumerate((dpooled * ~is_lower, dpooled * is_lower)):
        np.multiply(dy_row, is_right[row], out=dconv[:, 2 * row + 1])
        np.subtract(dy_row, dconv[:, 2 * row + 1], out=dconv[:, 2 * row])
    parameters["0.weight"] = w - rate * (dconv.reshape(FILTERS, -1) @ columns.T).reshape(w.shape)
    parameters["0.bias"] = b - rate * dpooled.sum(1)
    parameters["4.weight"] = v - rate * (dy.T @ features)
    parameters["4.bias"] = c - rate * dy.sum(0)
    return loss, correct


def batch(indices):
    return np.divide(images[indices, 0], np.float32(255), dtype=np.float32), labels[indices]


def verify(steps):
    reset()
    starts = range(0, steps * batch_size, batch_size)
    return [step(*batch(slice(i, i + batch_size)))[0] for i in starts]


def train(steps):
    order = random.permutation(count)
    total, correct, seen = 0.0, 0, 0
    for i in range(0, min(steps * batch_size, count), batch_size):
        indices = order[i : i + batch_size]
        loss, right = step(*batch(indices))
        total, correct, seen = total + loss * len(indices), correct + right, seen + len(indices)
    return total / seen, correct / seen


np.ones((2, 2), np.float32) @ np.ones((2, 2), np.float32)  # loads BLAS
serve(f"{np.__version__}, {blas()}", verify, train)
