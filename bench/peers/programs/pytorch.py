"""
PyTorch on one thread. Arguments: FOLDER contiguous|channels_last onednn|native.

PyTorch has one advantage over the others: its images are f32 before the clock starts.
"""
import sys

from protocol import answer, blas, read_work, serve

try:
    import numpy as np
    import torch
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


def build():
    """The layers of the spec; softmax is in the loss."""
    layers, shape = [], torch.zeros(1, *work["spec"]["inputShape"])
    for spec in work["spec"]["layers"]:
        kind = spec["type"]
        if kind == "conv2d":
            padding = spec.get("padding", 0)
            filters, kernel = spec["filters"], spec["kernelSize"]
            layers.append(torch.nn.Conv2d(shape.shape[1], filters, kernel, padding=padding))
        elif kind == "relu":
            layers.append(torch.nn.ReLU())
        elif kind == "maxPool2d":
            layers.append(torch.nn.MaxPool2d(spec["poolSize"]))
        elif kind == "flatten":
            layers.append(torch.nn.Flatten())
        elif kind == "dense":
            layers.append(torch.nn.Linear(shape.shape[1], spec["units"]))
        elif kind != "softmax":
            raise ValueError(kind)
        if kind != "softmax":
            shape = layers[-1](shape)
    return torch.nn.Sequential(*layers)


model = build().to(memory_format=memory_format)
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
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(work["weights"][name]))
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
