"""Trains the reference network in PyTorch and writes it for Convlet.

    python3 examples/pytorch/train.py train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz model.safetensors

Convlet can then use it: `convlet evaluate model.safetensors`, `convlet train --init model.safetensors`, or
`model.setWeights(decodeModel(bytes, 'model.safetensors').weights)` (examples/finetune.js).
"""
import json
import sys

import torch
from convlet_torch import read_idx, save, sequential

EPOCHS, BATCH = 2, 64
SPEC = {
    "inputShape": [1, 28, 28],
    "layers": [
        {"type": "conv2d", "filters": 12, "kernelSize": 3},
        {"type": "relu"},
        {"type": "maxPool2d", "poolSize": 2},
        {"type": "flatten"},
        {"type": "dense", "units": 10},
        {"type": "softmax"},
    ],
}

images, labels = read_idx(sys.argv[1]).float() / 255, read_idx(sys.argv[2]).long()
torch.manual_seed(1)
model = sequential(SPEC)
logits = model[:-1]  # the loss takes the input of softmax
optimizer = torch.optim.Adam(model.parameters())
for epoch in range(1, EPOCHS + 1):
    total = 0.0
    for batch in torch.randperm(len(images)).split(BATCH):
        loss = torch.nn.functional.cross_entropy(logits(images[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    print(json.dumps({"epoch": epoch, "loss": total / len(images)}))
save(sys.argv[3], model.state_dict(), {"convlet.spec": json.dumps(SPEC)})
