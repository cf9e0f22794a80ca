"""Predicts in PyTorch with a model that Convlet trained.

    python3 examples/pytorch/predict.py model.safetensors t10k-images-idx3-ubyte.gz

Prints one JSON object per image: its class and the probabilities.
"""
import json
import sys

import torch
from convlet_torch import load, network, read_idx

weights, metadata = load(sys.argv[1])
model = network(json.loads(metadata["convlet.spec"])).eval()
model.load_state_dict(weights)  # every name and every shape fits as it is
pixels = read_idx(sys.argv[2]).float() / 255
with torch.no_grad():
    for probabilities in model(pixels):
        print(json.dumps({"class": int(probabilities.argmax()), "probabilities": probabilities.tolist()}))
