"""
PyTorch on one thread. Arguments: FOLDER contiguous|channels_last onednn|native.

PyTorch has one advantage over the others: its images are f32 before the clock starts.
"""
import sys

from protocol import answer, blas, read_work, serve

try:
    import numpy as np
    import torch

    from torch_network import Network
except ImportError as error:
    answer({"unavailable": f"{error}. apt-get install python3-torch python3-numpy"})
    sys.exit()

torch.set_num_threads(1)
torch._C._set_mkldnn_enabled(sys.argv[3] == "onednn")
memory_format = torch.channels_last if sys.argv[2] == "channels_last" else torch.contiguous_format

work = read_work(np)
batch_size = work["batchSize"]
images = torch.from_numpy(work["images"]).float().div_(255)
labels = torch.from_numpy(work["labels"])
count = len(labels)

model = Network(work["spec"]).to(memory_format=memory_format)
optimizer = torch.optim.SGD(model.parameters(), lr=work["learningRate"])


def step(x, y):
    x = x.contiguous(memory_format=memory_format)
    optimizer.zero_grad(set_to_none=True)
    logits = model(x)
    loss = torch.nn.functional.cross_entropy(logits, y)
    loss.backward()
    optimizer.step()
    return loss.item(), (logits.argmax(1) == y).sum().item()


def verify(steps):
    model.load(work["weights"])
    starts = range(0, steps * batch_size, batch_size)
    return [step(images[i : i + batch_size], labels[i : i + batch_size])[0] for i in starts]


def train(steps):
    order = torch.randperm(count)
    total, correct, seen = 0.0, 0, 0
    for i in range(0, min(steps * batch_size, count), batch_size):
        indices = order[i : i + batch_size]
        loss, right = step(images[indices], labels[indices])
        total, correct, seen = total + loss * len(indices), correct + right, seen + len(indices)
    return total / seen, correct / seen


serve(f"{torch.__version__}, {blas()}", verify, train)
