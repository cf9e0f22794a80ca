"""Small networks as people write them in PyTorch, exported to ONNX: the idioms of its exporter, and what the networks give.

    python3 torchModels.py FOLDER

For each network NAME.onnx, NAME.x.f32 and NAME.y.f32, and a line NAME, shape of x, shape of y as JSON.
"""

import json
import sys

import torch
from torch import nn
from torch.nn import functional as F

folder = sys.argv[1]


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class ResNet(nn.Module):
    """Flattened by `view` of the size of the batch."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(Residual(8, 8, 1), Residual(8, 8, 1))
        self.layer2 = nn.Sequential(Residual(8, 16, 2), Residual(16, 16, 1))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        x = self.avgpool(self.layer2(self.layer1(self.pool(self.stem(x)))))
        return self.fc(x.view(x.size(0), -1))


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expand):
        super().__init__()
        wide = inputs * expand
        self.adds = stride == 1 and inputs == outputs
        self.conv = nn.Sequential(
            nn.Conv2d(inputs, wide, 1, bias=False),
            nn.BatchNorm2d(wide),
            nn.ReLU6(inplace=True),
            nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False),
            nn.BatchNorm2d(wide),
            nn.ReLU6(inplace=True),
            nn.Conv2d(wide, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x):
        return x + self.conv(x) if self.adds else self.conv(x)


class MobileNetV2(nn.Module):
    """Pooled by `mean`, `F.relu6` and `clamp` beside the module."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU6(),
            InvertedResidual(8, 8, 1, 2),
            InvertedResidual(8, 12, 2, 3),
            InvertedResidual(12, 12, 1, 3),
        )
        self.last = nn.Conv2d(12, 20, 1)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(20, 7))

    def forward(self, x):
        x = torch.clamp(self.last(self.features(x)), 0, 6)
        return self.classifier(x.mean([2, 3]))


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, 4, 1)
        self.fc2 = nn.Conv2d(4, channels, 1)

    def forward(self, x):
        scale = F.adaptive_avg_pool2d(x, 1)
        scale = F.hardsigmoid(self.fc2(F.relu(self.fc1(scale))))
        return scale * x


class MobileNetV3(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, 2, 1, bias=False)
        self.bn = nn.BatchNorm2d(8, eps=0.001, momentum=0.01)
        self.depthwise = nn.Conv2d(8, 16, 5, 1, 2, groups=8)
        self.se = SqueezeExcite(16)
        self.fc = nn.Linear(16, 6)

    def forward(self, x):
        x = F.hardswish(self.bn(self.conv(x)))
        x = self.se(F.silu(self.depthwise(x)))
        return F.softmax(self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)), dim=1)


class Fire(nn.Module):
    def __init__(self, inputs, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1x1(x)), F.relu(self.expand3x3(x))], 1)


class SqueezeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Fire(8, 4, 6),
            Fire(12, 4, 8),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Fire(16, 6, 8),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(0.5), nn.Conv2d(16, 5, 1), nn.ReLU(), nn.AdaptiveAvgPool2d((1, 1))
        )

    def forward(self, x):
        return torch.flatten(self.classifier(self.features(x)), 1)


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.tanh(self.conv1(x)), 2)
        x = F.max_pool2d(torch.sigmoid(self.conv2(x)), (2, 2))
        x = x.reshape(-1, self.num_flat_features(x))
        return self.fc3(F.elu(self.fc2(F.leaky_relu(self.fc1(x), 0.2))))

    def num_flat_features(self, x):
        size = 1
        for s in x.size()[1:]:
            size *= s
        return size


class Normalised(nn.Module):
    """The pixels are normalised in the graph, groups of channels inside."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.conv = nn.Conv2d(3, 8, 3)
        self.norm = nn.GroupNorm(4, 8)
        self.instance = nn.InstanceNorm2d(8, affine=True)
        self.conv2 = nn.Conv2d(8, 6, 3, padding=1, stride=2)
        self.prelu = nn.PReLU(6)
        self.fc = nn.Linear(6, 3)

    def forward(self, x):
        x = (x - self.mean) / self.std
        x = F.gelu(self.norm(self.conv(x)))
        x = F.pad(self.instance(x), (1, 0, 2, 1))
        x = self.prelu(self.conv2(x))
        return self.fc(F.softplus(x.amax((2, 3))))


class Unfolded(nn.Module):
    """What stays after an activation, and scales that no layer takes."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, padding=1)
        self.bn = nn.BatchNorm2d(6)
        self.scale = nn.Parameter(torch.randn(1, 6, 1, 1))
        self.bn1 = nn.BatchNorm1d(10)
        self.fc1 = nn.Linear(6 * 8 * 8, 10, bias=False)
        self.bias = nn.Parameter(torch.randn(10))
        self.fc2 = nn.Linear(10, 4)

    def forward(self, x):
        x = self.bn(F.selu(self.conv(x))) * self.scale + 0.5
        x = F.avg_pool2d(x, 3, 2, 1)
        x = x.view(x.shape[0], 6 * 8 * 8)
        return self.fc2(self.bn1(F.relu(self.fc1(x) + self.bias)))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, 2, 1)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.mix = nn.Conv2d(8, 8, 3, padding=1, groups=2)
        self.transposed = nn.ConvTranspose2d(8, 3, 3, 2, 1, output_padding=1)

    def forward(self, x):
        x = self.up(F.relu(self.conv(x)))
        return torch.sigmoid(self.transposed(self.mix(x))[:, :, 2:-2, 1:-3])


def randomise(model):
    torch.manual_seed(1)
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm2d, nn.BatchNorm1d)):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 2)
        if isinstance(module, (nn.BatchNorm2d, nn.BatchNorm1d, nn.GroupNorm, nn.InstanceNorm2d)):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
        if isinstance(module, nn.PReLU):
            nn.init.uniform_(module.weight, 0.1, 0.4)


networks = {
    "resnet": (ResNet(), (3, 32, 32)),
    "mobilenet-v2": (MobileNetV2(), (3, 24, 24)),
    "mobilenet-v3": (MobileNetV3(), (3, 20, 20)),
    "squeezenet": (SqueezeNet(), (3, 33, 33)),
    "lenet": (LeNet(), (1, 28, 28)),
    "normalised": (Normalised(), (3, 12, 12)),
    "unfolded": (Unfolded(), (3, 16, 16)),
    "decoder": (Decoder(), (3, 16, 16)),
}
PRESERVE, EVAL = torch.onnx.TrainingMode.PRESERVE, torch.onnx.TrainingMode.EVAL


def export(name, model, x, **options):
    path = f"{folder}/{name}.onnx"
    torch.onnx.export(model, x, path, input_names=["x"], output_names=["y"], **options)
    with torch.no_grad():
        y = model(x)
    x.numpy().tofile(f"{folder}/{name}.x.f32")
    y.numpy().tofile(f"{folder}/{name}.y.f32")
    print(json.dumps({"name": name, "x": list(x.shape), "y": list(y.shape)}))


for name, (model, shape) in networks.items():
    randomise(model)
    model.eval()
    any_batch = {"x": {0: "N"}, "y": {0: "N"}}
    x = torch.randn(3, *shape)
    export(f"{name}, any batch", model, x, dynamic_axes=any_batch)
    export(f"{name}, fixed batch", model, x)
    # batch normalisation as nodes of their own, and constants as the graph computes them
    unfolded = {"training": PRESERVE, "do_constant_folding": False, "dynamic_axes": any_batch}
    export(f"{name}, not folded", model, x, **unfolded)
    for opset in (9, 11, 16):
        if opset == 9 and name == "decoder":
            continue  # a slice of several axes needs opset 10
        export(f"{name}, opset {opset}", model, x, opset_version=opset, dynamic_axes=any_batch)
