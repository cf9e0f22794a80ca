"""Ten steps of every optimizer as PyTorch takes them, in double precision, from given gradients.

    python3 test/golden/optimizers.py > test/golden/optimizers.json
"""
import json
import torch

STEPS, LENGTH = 10, 19
CASES = {
    "sgd": (torch.optim.SGD, dict(lr=0.05), dict(learningRate=0.05)),
    "momentum": (torch.optim.SGD, dict(lr=0.05, momentum=0.8), dict(learningRate=0.05, momentum=0.8)),
    "nesterov": (torch.optim.SGD, dict(lr=0.05, momentum=0.8, nesterov=True), dict(learningRate=0.05, momentum=0.8)),
    "adam": (torch.optim.Adam, dict(lr=0.02, betas=(0.8, 0.99), eps=1e-6), dict(learningRate=0.02, beta1=0.8, beta2=0.99, epsilon=1e-6)),
    "adamw": (torch.optim.AdamW, dict(lr=0.02, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.1), dict(learningRate=0.02, beta1=0.8, beta2=0.99, epsilon=1e-6, weightDecay=0.1)),
    "rmsprop": (torch.optim.RMSprop, dict(lr=0.02, alpha=0.95, eps=1e-6), dict(learningRate=0.02, rho=0.95, epsilon=1e-6)),
}

torch.manual_seed(4)
# gradients of several sizes, zeros among them; rounded to single precision, since that is what Convlet is given
w0 = torch.randn(LENGTH, dtype=torch.float32).double()
scales = 10.0 ** torch.arange(LENGTH).remainder(5).sub(3)
gradients = (torch.randn(STEPS, LENGTH) * scales).float().double()
gradients[:, 7] = 0
gradients[3:, 8] = 0


def final(optimizer, arguments):
    w = w0.clone().requires_grad_()
    optimizer = optimizer([w], **arguments)
    for gradient in gradients:
        w.grad = gradient.clone()
        optimizer.step()
    return w.tolist()


print(json.dumps({
    "tool": f"PyTorch {torch.__version__}, float64, test/golden/optimizers.py",
    "w": w0.tolist(),
    "gradients": gradients.tolist(),
    "optimizers": [
        {"type": name, "options": options, "final": final(optimizer, arguments)}
        for name, (optimizer, arguments, options) in CASES.items()
    ],
}))
