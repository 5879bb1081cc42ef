"""One call of a torch target, and tensors for it."""
import torch


class Example:
    def __init__(self, target, args=(), kwargs=None, ports=(), reference=None, call=None, made_with=None):
        self.target, self.args, self.kwargs = target, list(args), dict(kwargs or {})
        self._ports = [p if isinstance(p, tuple) else ("", p) for p in ports]
        self._reference, self._call = reference, call
        self.made_with = {**self.kwargs, **(made_with or {})}  # what Python's constructor is given

    def __repr__(self):
        return f"{self.target}({self.args}, {self.kwargs}, {[str(p[0]) + self.shape(p[1]) for p in self._ports]})"

    @staticmethod
    def shape(value):
        return str([tuple(v.shape) for v in value]) if isinstance(value, list) else str(tuple(value.shape))

    def ports(self):
        return self._ports

    def integers_in(self):
        """An integer result may follow from integers among the inputs."""
        tensors = [t for _, v in self._ports for t in (v if isinstance(v, list) else [v])]
        return any(not (t.is_floating_point() or t.is_complex()) for t in tensors) or not tensors

    def reference(self, module=None):
        """What Python torch gives: bound arguments first, then ports; a port wins over a bound keyword."""
        if self._reference is not None:
            return self._reference()
        positional = [value for keyword, value in self._ports if keyword == ""]
        named = {keyword: value for keyword, value in self._ports if keyword != ""}
        if module is not None:
            with torch.no_grad():
                return self._call(module, *positional) if self._call else module(*positional, **named)
        function = torch
        for part in self.target.split(".")[1:]:
            function = getattr(function, part)
        if self._call:
            return self._call(function)
        return function(*self.args, *positional, **{**self.kwargs, **named})


def draw(*sizes):
    return torch.randn(sizes)


def nn(name, args=(), kwargs=None, ports=(), call=None):
    return Example("torch.nn." + name, args, kwargs, ports, call=call)


def functional(name, ports, args=(), kwargs=None, call=None):
    return Example("torch.nn.functional." + name, args, kwargs, ports, call=call)


torch.manual_seed(11)
VECTORS = draw(5, 16)
SEQUENCE = draw(2, 4, 6)          # (batch, channels, length)
IMAGE = draw(2, 4, 6, 5)
VOLUME = draw(2, 4, 6, 5, 4)
GRIDS = {1: SEQUENCE, 2: IMAGE, 3: VOLUME}
