"""Convlet's models in PyTorch: the file, the network, the images.

A model file is safetensors. Its tensors have the names and the layouts of torch's modules, so load_state_dict takes
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


def network(spec):
    """The network of a spec, ready for load_state_dict: layers that are named, and branches, included."""
    return Network(spec)


class Network(nn.Module):
    """The layers of a spec. Parameters are at the name of their layer, or at its index."""

    def __init__(self, spec):
        super().__init__()
        self.spec, self.layers = spec["layers"], []
        normalize = spec.get("normalize")
        self.normalize = normalize and [
            torch.tensor(value, dtype=torch.float32).reshape(-1, 1, 1) for value in (normalize["mean"], normalize["deviation"])
        ]
        shapes = [torch.zeros(2, *spec["inputShape"])]
        with torch.no_grad():
            for index, layer in enumerate(self.spec):
                inputs = self._inputs(index, layer, shapes)
                module = _layer(layer, inputs[0].shape)
                self.layers.append(module)
                self._register(layer.get("name", str(index)), module)
                shapes.append(module.eval()(*inputs))
        self.train()

    def forward(self, x):
        if self.normalize:
            x = (x - self.normalize[0]) / self.normalize[1]
        outputs = [x]
        for index, (layer, module) in enumerate(zip(self.spec, self.layers)):
            outputs.append(module(*self._inputs(index, layer, outputs)))
        return outputs[-1]

    def _inputs(self, index, layer, outputs):
        """What a layer reads; `outputs` begins with the image."""
        if "inputs" not in layer:
            return [outputs[index]]
        places = {other["name"]: i + 1 for i, other in enumerate(self.spec[:index]) if "name" in other}
        return [outputs[places.get(name, 0)] for name in layer["inputs"]]

    def _register(self, name, module):
        """Registers a layer. Its name may have dots: `block.0` is module `0` of module `block`."""
        *path, last = name.split(".")
        parent = self
        for part in path:
            if part not in parent._modules:
                parent.add_module(part, nn.Module())
            parent = parent._modules[part]
        if last in parent._modules:  # the layer `block` comes after the layers `block.0`, …
            for name, other in parent._modules[last]._modules.items():
                module.add_module(name, other)
        parent._modules[last] = module


def sequential(spec):
    """The network of a spec whose layers read one another in order, as torch.nn.Sequential."""
    return nn.Sequential(*network(spec).layers)


def _layer(layer, shape):
    kind, get = layer["type"], layer.get
    channels = shape[1]
    if kind == "conv2d":
        return Conv2d(layer, channels, layer["filters"], get("groups", 1))
    if kind == "depthwiseConv2d":
        return Conv2d(layer, channels, channels * get("multiplier", 1), channels)
    if kind == "separableConv2d":
        return SeparableConv2d(layer, channels)
    if kind == "conv2dTranspose":
        return ConvTranspose2d(layer, channels)
    if kind == "maxPool2d":
        return MaxPool2d(layer)
    if kind == "averagePool2d":
        return AveragePool2d(layer)
    if kind == "dense":
        return nn.Linear(channels, layer["units"], get("useBias", True))
    if kind == "batchNorm":
        return BatchNorm(channels, get("epsilon", 1e-5), get("momentum", 0.1))
    if kind == "groupNorm":
        return nn.GroupNorm(layer["groups"], channels, get("epsilon", 1e-5))
    if kind == "prelu":
        return nn.PReLU(channels)
    if kind == "dropout":
        drops_channels = get("perChannel", False) and len(shape) == 4
        return (nn.Dropout2d if drops_channels else nn.Dropout)(get("rate", 0.5))
    if kind in FUNCTIONS:
        return Function(FUNCTIONS[kind], layer)
    raise ValueError(f"expected a layer of Convlet, got {kind}")


def _pad(layer, x):
    sides = layer["padding"]
    sides = sides if isinstance(sides, list) and len(sides) == 4 else [*_pair(sides), *_pair(sides)]
    return F.pad(x, (sides[1], sides[3], sides[0], sides[2]))


def _crop(layer, x):
    sides = layer["cropping"]
    top, left, bottom, right = sides if isinstance(sides, list) and len(sides) == 4 else [*_pair(sides), *_pair(sides)]
    return x[:, :, top : x.shape[2] - bottom, left : x.shape[3] - right]


def _multiply(layer, *xs):
    """Features beside images are a number a channel."""
    rank = max(x.dim() for x in xs)
    product = 1
    for x in xs:
        product = product * (x if x.dim() == rank else x.reshape(*x.shape, 1, 1))
    return product


FUNCTIONS = {
    "flatten": lambda layer, x: x.flatten(1),
    "relu": lambda layer, x: F.relu(x),
    "relu6": lambda layer, x: F.relu6(x),
    "leakyRelu": lambda layer, x: F.leaky_relu(x, layer.get("negativeSlope", 0.01)),
    "elu": lambda layer, x: F.elu(x, layer.get("alpha", 1.0)),
    "selu": lambda layer, x: F.selu(x),
    "gelu": lambda layer, x: F.gelu(x),
    "silu": lambda layer, x: F.silu(x),
    "hardSwish": lambda layer, x: F.hardswish(x),
    "hardSigmoid": lambda layer, x: F.hardsigmoid(x),
    "sigmoid": lambda layer, x: torch.sigmoid(x),
    "tanh": lambda layer, x: torch.tanh(x),
    "softplus": lambda layer, x: F.softplus(x),
    "softmax": lambda layer, x: F.softmax(x, 1),
    "globalAveragePool2d": lambda layer, x: x.mean((2, 3)),
    "globalMaxPool2d": lambda layer, x: x.amax((2, 3)),
    "upsample2d": lambda layer, x: F.interpolate(x, scale_factor=_pair(layer.get("size", 2)), mode="nearest"),
    "zeroPad2d": _pad,
    "crop2d": _crop,
    "reshape": lambda layer, x: x.reshape(x.shape[0], *layer["shape"]),
    "identity": lambda layer, x: x,
    "add": lambda layer, *xs: sum(xs),
    "concat": lambda layer, *xs: torch.cat(xs, 1),
    "multiply": _multiply,
}


class Function(nn.Module):
    """A layer without parameters."""

    def __init__(self, function, layer):
        super().__init__()
        self.function, self.layer = function, layer

    def forward(self, *xs):
        return self.function(self.layer, *xs)


class BatchNorm(nn.modules.batchnorm._BatchNorm):
    """Of images and of features. The running variance is that of the batch times n / (n − 1), as Convlet's is."""

    def __init__(self, channels, epsilon, momentum):
        super().__init__(channels, eps=epsilon, momentum=momentum)

    def _check_input_dim(self, x):
        pass


class Conv2d(nn.Conv2d):
    """A convolution with Convlet's options; padding may differ from side to side."""

    def __init__(self, layer, channels, filters, groups, bias=None):
        options = dict(stride=_pair(layer.get("strides", 1)), dilation=_pair(layer.get("dilation", 1)))
        options.update(groups=groups, bias=layer.get("useBias", True) if bias is None else bias)
        super().__init__(channels, filters, _pair(layer["kernelSize"]), **options)
        self.sides = layer.get("padding", "valid")

    def forward(self, x):
        return super().forward(F.pad(x, _sides(self.sides, x, self.kernel_size, self.stride, self.dilation)))


class SeparableConv2d(nn.Module):
    """A depthwise convolution, then one of 1×1; the bias is that of the whole layer."""

    def __init__(self, layer, channels):
        super().__init__()
        middle = channels * layer.get("multiplier", 1)
        self.depthwise = Conv2d(layer, channels, middle, channels, bias=False)
        self.pointwise = nn.Conv2d(middle, layer["filters"], 1, bias=False)
        self.bias = nn.Parameter(torch.zeros(layer["filters"])) if layer.get("useBias", True) else None

    def forward(self, x):
        y = self.pointwise(self.depthwise(x))
        return y if self.bias is None else y + self.bias.reshape(-1, 1, 1)


class ConvTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution with Convlet's options; padding may differ from side to side."""

    def __init__(self, layer, channels):
        options = dict(stride=_pair(layer.get("strides", 1)), dilation=_pair(layer.get("dilation", 1)))
        options.update(groups=layer.get("groups", 1), bias=layer.get("useBias", True))
        super().__init__(channels, layer["filters"], _pair(layer["kernelSize"]), **options)
        self.more = _pair(layer.get("outputPadding", 0))
        sides = layer.get("padding", 0)
        self.sides = sides if isinstance(sides, list) and len(sides) == 4 else [*_pair(sides), *_pair(sides)]

    def forward(self, x):
        y = F.conv_transpose2d(x, self.weight, None, self.stride, 0, 0, self.groups, self.dilation)
        top, left, bottom, right = self.sides
        y = F.pad(y, (-left, self.more[1] - right, -top, self.more[0] - bottom))
        return y if self.bias is None else y + self.bias.reshape(-1, 1, 1)


class Pool2d(nn.Module):
    """Windows with Convlet's options."""

    def __init__(self, layer):
        super().__init__()
        self.size = _pair(layer["poolSize"])
        self.stride = _pair(layer.get("strides", layer["poolSize"]))
        self.sides, self.rounds_up = layer.get("padding", "valid"), layer.get("ceilMode", False)

    def padded(self, x, padding, past):
        """x with `padding` around it, and with `past` where the last windows reach beyond."""
        left, right, top, bottom = _sides(self.sides, x, self.size, self.stride, (1, 1))
        missing = []
        for pixels, before, after, size, stride in zip(x.shape[2:], (top, left), (bottom, right), self.size, self.stride):
            room = pixels + before + after - size
            last = -(-room // stride) if self.rounds_up else room // stride
            if last * stride >= pixels + before:  # a window that begins past the image
                last -= 1
            missing.append(last * stride + size - pixels - before - after)
        x = F.pad(x, (left, right, top, bottom), value=padding)
        return F.pad(x, (0, missing[1], 0, missing[0]), value=past)


class MaxPool2d(Pool2d):
    """A max pooling; padding never wins."""

    def forward(self, x):
        return F.max_pool2d(self.padded(x, float("-inf"), float("-inf")), self.size, self.stride)


class AveragePool2d(Pool2d):
    """An average pooling over pixels, or over its padding too; what is past the padding never counts."""

    def __init__(self, layer):
        super().__init__(layer)
        self.counts = 1.0 if layer.get("countIncludePad", False) else 0.0

    def forward(self, x):
        sums = F.avg_pool2d(self.padded(x, 0.0, 0.0), self.size, self.stride)
        return sums / F.avg_pool2d(self.padded(torch.ones_like(x), self.counts, 0.0), self.size, self.stride)


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
