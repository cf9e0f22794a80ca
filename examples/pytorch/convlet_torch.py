"""Convlet's models in PyTorch: the file, the network, the images.

A model file is safetensors. Its tensors have the names and the layouts of torch.nn.Sequential, so load_state_dict takes
them as they are. Its metadata hold the network ("convlet.spec", JSON). This file needs only torch: the format is small
enough to be read and written here (github.com/huggingface/safetensors, "Format").
"""
import gzip
import json
import struct

import torch
from torch import nn
from torch.nn import functional as F


def load(path):
    """Reads a safetensors file of f32: its tensors by name, and its metadata."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(data[begin:end], dtype=torch.float32).reshape(entry["shape"])
    return tensors, metadata


def save(path, tensors, metadata):
    """Writes f32 tensors by name, and metadata (text by text), as a safetensors file."""
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in tensors.items():
        values = tensor.detach().cpu().float().contiguous().numpy().tobytes()
        offsets = [len(data), len(data) + len(values)]
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": offsets}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def sequential(spec):
    """The network of a spec, ready for load_state_dict."""
    layers, channels, height, width = [], *spec["inputShape"]
    shape = torch.zeros(1, channels, height, width)
    for layer in spec["layers"]:
        layers.append(_layer(layer, shape.shape[1]))
        with torch.no_grad():
            shape = layers[-1](shape)
    return nn.Sequential(*layers)


def _layer(layer, channels):
    kind = layer["type"]
    if kind == "conv2d":
        return Conv2d(layer, channels)
    if kind == "maxPool2d":
        return MaxPool2d(layer)
    if kind == "dense":
        return nn.Linear(channels, layer["units"], layer.get("useBias", True))
    simple = {"flatten": nn.Flatten, "relu": nn.ReLU, "softmax": lambda: nn.Softmax(1)}
    return simple[kind]()


class Conv2d(nn.Conv2d):
    """A convolution with Convlet's options; padding may differ from side to side."""

    def __init__(self, layer, channels):
        options = dict(stride=_pair(layer.get("strides", 1)), dilation=_pair(layer.get("dilation", 1)))
        options.update(groups=layer.get("groups", 1), bias=layer.get("useBias", True))
        super().__init__(channels, layer["filters"], _pair(layer["kernelSize"]), **options)
        self.sides = layer.get("padding", "valid")

    def forward(self, x):
        return super().forward(F.pad(x, _sides(self.sides, x, self.kernel_size, self.stride, self.dilation)))


class MaxPool2d(nn.Module):
    """A max pooling with Convlet's options; padding never wins."""

    def __init__(self, layer):
        super().__init__()
        self.size = _pair(layer["poolSize"])
        self.stride = _pair(layer.get("strides", layer["poolSize"]))
        self.sides = layer.get("padding", "valid")

    def forward(self, x):
        sides = _sides(self.sides, x, self.size, self.stride, (1, 1))
        return F.max_pool2d(F.pad(x, sides, value=float("-inf")), self.size, self.stride)


def _pair(value):
    return tuple(value) if isinstance(value, list) else (value, value)


def _sides(padding, x, kernel, stride, dilation):
    """Pixels to add: left, right, top, bottom, in the order of F.pad."""
    if padding == "valid":
        return 0, 0, 0, 0
    if padding == "same":  # TensorFlow's rule: an output of ceil(input / stride), the odd pixel at the end
        missing = [
            max(0, (-(-size // s) - 1) * s + d * (k - 1) + 1 - size)
            for size, k, s, d in zip(x.shape[2:], kernel, stride, dilation)
        ]
        (top, left) = (pixels // 2 for pixels in missing)
        return left, missing[1] - left, top, missing[0] - top
    top, left, bottom, right = padding if isinstance(padding, list) and len(padding) == 4 else _pair(padding) * 2
    return left, right, top, bottom


def read_idx(path):
    """The bytes of an IDX file, raw or .gz: images [N, 1, H, W], or labels [N]."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    sizes = struct.unpack(f">{data[3]}I", data[4 : 4 + 4 * data[3]])
    values = torch.frombuffer(bytearray(data[4 + 4 * data[3] :]), dtype=torch.uint8)
    return values.reshape(sizes[0], 1, *sizes[1:]) if len(sizes) == 3 else values
