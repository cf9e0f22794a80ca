"""
A network of Convlet's spec as a PyTorch module: layers by name and `inputs`, as the JSON has them. Each is the module that one
would write by hand, so that no time goes into what PyTorch does by itself; examples/pytorch/convlet_torch.py has every layer and
option. What is not here is refused, and so is dropout, as its masks would differ.
"""
import torch
from torch import nn
from torch.nn import functional


class Network(nn.Module):
    """The layers of the spec; softmax is in the loss."""

    def __init__(self, spec):
        super().__init__()
        self.steps, self.modules_by_key = [], {}
        values, last = {"input": torch.zeros(2, *spec["inputShape"])}, "input"
        for index, layer in enumerate(spec["layers"]):
            if layer["type"] == "softmax":
                continue
            key = layer.get("name", str(index))
            inputs = layer.get("inputs", [last])
            step = build(layer, *(values[name] for name in inputs)).eval()
            with torch.no_grad():
                values[key] = step(*(values[name] for name in inputs))
            self.steps.append((key, step, inputs))
            self.modules_by_key[key] = step
            last = key
        self.last = last
        self.layers = nn.ModuleList(self.modules_by_key.values())
        self.train()

    def forward(self, x):
        values = {"input": x}
        for key, step, inputs in self.steps:
            values[key] = step(*[values[name] for name in inputs])
        return values[self.last]

    def load(self, weights):
        """Copies weights and running statistics: `key.weight`, `key.running_mean`, …"""
        with torch.no_grad():
            for key, module in self.modules_by_key.items():
                for name, tensor in module.state_dict(keep_vars=True).items():
                    if not name.endswith("num_batches_tracked"):
                        tensor.copy_(torch.from_numpy(weights[f"{key}.{name}"]))


class Lambda(nn.Module):
    """A function of tensors that has no parameters."""

    def __init__(self, function):
        super().__init__()
        self.forward = function


class PaddedConv2d(nn.Conv2d):
    """A convolution with other padding after the last row and column than before the first."""

    def __init__(self, *arguments, sides, **options):
        super().__init__(*arguments, **options)
        self.sides = sides

    def forward(self, x):
        return super().forward(functional.pad(x, self.sides))


class SeparableConv2d(nn.Module):
    """A convolution of each channel, then 1×1 over all of them."""

    def __init__(self, spec, x):
        super().__init__()
        channels, multiplier = x.shape[1], spec.get("multiplier", 1)
        self.depthwise = convolution(spec, x, channels * multiplier, channels, bias=False)
        pointwise = nn.Conv2d(channels * multiplier, spec["filters"], 1, bias=False)
        self.pointwise = pointwise
        self.bias = nn.Parameter(torch.zeros(spec["filters"])) if spec.get("useBias", True) else None

    def forward(self, x):
        return functional.conv2d(self.depthwise(x), self.pointwise.weight, self.bias)


def pair(size):
    return (size, size) if isinstance(size, int) else tuple(size)


def four_sides(padding, x, kernel, stride, dilation):
    """Top, left, bottom, right; 'same' makes the output ceil(input / stride), the smaller half first."""
    if padding == "valid":
        return 0, 0, 0, 0
    if padding == "same":
        total = [
            max(0, (-(-size // s) - 1) * s + d * (k - 1) + 1 - size)
            for size, k, s, d in zip(x.shape[2:], kernel, stride, dilation)
        ]
        return total[0] // 2, total[1] // 2, -(-total[0] // 2), -(-total[1] // 2)
    if isinstance(padding, int):
        padding = [padding]
    top, left = padding[0], padding[1 % len(padding)]
    return (top, left, *padding[2:]) if len(padding) == 4 else (top, left, top, left)


def convolution(spec, x, filters, groups, bias):
    kernel, stride = pair(spec["kernelSize"]), pair(spec.get("strides", 1))
    dilation = pair(spec.get("dilation", 1))
    top, left, bottom, right = four_sides(spec.get("padding", "valid"), x, kernel, stride, dilation)
    options = {"stride": stride, "dilation": dilation, "groups": groups, "bias": bias}
    if (top, left) == (bottom, right):
        return nn.Conv2d(x.shape[1], filters, kernel, padding=(top, left), **options)
    return PaddedConv2d(x.shape[1], filters, kernel, sides=(left, right, top, bottom), **options)


def pool(kind, spec, **options):
    """PyTorch's poolings take the same padding on both sides."""
    padding = 0 if spec.get("padding", "valid") == "valid" else spec["padding"]
    if isinstance(padding, str) or (isinstance(padding, list) and len(padding) == 4):
        raise ValueError(f"{spec['type']} with padding {padding}")
    size = pair(spec["poolSize"])
    stride = pair(spec.get("strides", size))
    return kind(size, stride, pair(padding), ceil_mode=spec.get("ceilMode", False), **options)


def batch_norm(spec, x):
    kind = nn.BatchNorm2d if x.dim() == 4 else nn.BatchNorm1d
    return kind(x.shape[1], spec.get("epsilon", 1e-5), spec.get("momentum", 0.1))


def product(*factors):
    """Features [N, C] multiply whole channels of images [N, C, H, W]."""
    is_image = any(factor.dim() == 4 for factor in factors)
    result = 1
    for factor in factors:
        result = result * (factor[:, :, None, None] if is_image and factor.dim() == 2 else factor)
    return result


def total(first, *others):
    for other in others:
        first = first + other
    return first


BUILDERS = {
    "conv2d": lambda spec, x: convolution(
        spec, x, spec["filters"], spec.get("groups", 1), spec.get("useBias", True)
    ),
    "depthwiseConv2d": lambda spec, x: convolution(
        spec, x, x.shape[1] * spec.get("multiplier", 1), x.shape[1], spec.get("useBias", True)
    ),
    "separableConv2d": SeparableConv2d,
    "dense": lambda spec, x: nn.Linear(x.shape[1], spec["units"], spec.get("useBias", True)),
    "batchNorm": batch_norm,
    "groupNorm": lambda spec, x: nn.GroupNorm(spec["groups"], x.shape[1], spec.get("epsilon", 1e-5)),
    "maxPool2d": lambda spec, _x: pool(nn.MaxPool2d, spec),
    "averagePool2d": lambda spec, _x: pool(
        nn.AvgPool2d, spec, count_include_pad=spec.get("countIncludePad", False)
    ),
    "globalAveragePool2d": lambda _spec, _x: Lambda(lambda x: x.mean((2, 3))),
    "globalMaxPool2d": lambda _spec, _x: Lambda(lambda x: x.amax((2, 3))),
    "flatten": lambda _spec, _x: nn.Flatten(),
    "identity": lambda _spec, _x: nn.Identity(),
    "add": lambda _spec, *_xs: Lambda(total),
    "concat": lambda _spec, *_xs: Lambda(lambda *xs: torch.cat(xs, 1)),
    "multiply": lambda _spec, *_xs: Lambda(product),
    "relu": lambda _spec, _x: nn.ReLU(),
    "relu6": lambda _spec, _x: nn.ReLU6(),
    "leakyRelu": lambda spec, _x: nn.LeakyReLU(spec.get("negativeSlope", 0.01)),
    "elu": lambda spec, _x: nn.ELU(spec.get("alpha", 1.0)),
    "selu": lambda _spec, _x: nn.SELU(),
    "gelu": lambda _spec, _x: nn.GELU(),
    "silu": lambda _spec, _x: nn.SiLU(),
    "hardSwish": lambda _spec, _x: nn.Hardswish(),
    "hardSigmoid": lambda _spec, _x: nn.Hardsigmoid(),
    "sigmoid": lambda _spec, _x: nn.Sigmoid(),
    "tanh": lambda _spec, _x: nn.Tanh(),
    "softplus": lambda _spec, _x: nn.Softplus(),
    "prelu": lambda _spec, x: nn.PReLU(x.shape[1]),
}


def build(spec, *inputs):
    """The module of a layer whose inputs have the shapes of these tensors."""
    kind = spec["type"]
    if kind not in BUILDERS or not spec.get("trainable", True):
        raise ValueError(f"expected a layer that trains the same here, got {spec}")
    return BUILDERS[kind](spec, *inputs)
