#!/usr/bin/env python3
"""What a model says of the sequences of a stream, computed by PyTorch from the weights in the file.

    rnn-vocab reviews.tsv > reviews.seq.zst
    python3 predict.py model.zst reviews.seq.zst

A classifier prints LABEL TAB PROBABILITY for each sequence, as rnn-classify --prob does; a tagger TOKEN TAB TAG TAB PROBABILITY
for each step, as rnn-tag --prob; a model that completes bits per symbol, as rnn-complete --score. The weights are specified
in formats/model.md."""

import math
import sys

import torch

import rnn_files


MASK = (1 << 64) - 1


def lower(character):
    """The lower case of A-Z and of Latin, Greek and Cyrillic letters, as formats/model.md has it."""
    c = ord(character)
    if 0x41 <= c <= 0x5A or (0xC0 <= c <= 0xDE and c != 0xD7) or 0x391 <= c <= 0x3A9 or 0x410 <= c <= 0x42F:
        return chr(c + 0x20)
    if 0x400 <= c <= 0x40F:
        return chr(c + 0x50)
    if 0x100 <= c <= 0x137 or 0x14A <= c <= 0x177:
        return chr(c | 1)
    return chr(c + c % 2) if 0x139 <= c <= 0x148 or 0x179 <= c <= 0x17E else character


def hash_of(string):
    """FNV-1a of the bytes in lower case."""
    text = string.decode("utf-8", "surrogateescape")
    value = 0xCBF29CE484222325
    for byte in "".join(map(lower, text)).encode("utf-8", "surrogateescape"):
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


class Wide:
    """The n-grams beside the network."""

    def __init__(self, document):
        self.longest = 3 if document.metadata["level"] == "word" else 5
        self.hash = {string: hash_of(string) for string in document.strings("vocabulary")}
        self.feature = {key: i for i, key in enumerate(document.numbers("wide.key"))}
        self.weight = torch.tensor(document.numbers("wide.weight")).reshape(document.shape("wide.weight")).double()
        self.bias = torch.tensor(document.numbers("wide.bias")).double()
        self.share = document.numbers("wide.share")

    def features(self, steps):
        hashes = [1] + [self.hash.get(string) for string in steps] + [2]
        found = set()
        for end in range(1, len(hashes)):
            value = 0
            for begin in range(end, max(end - self.longest, -1), -1):
                if hashes[begin] is None:
                    break
                value = (value ^ hashes[begin]) * 0x9E3779B97F4A7C15 & MASK
                value ^= value >> 32
                if begin < end or end < len(hashes) - 1:
                    found.add(self.feature.get(value >> 33))
        return [i for i in found if i is not None]

    def answer(self, y, steps):
        z = self.bias + self.weight[self.features(steps)].sum(0)
        z = torch.cat([torch.zeros(1).double(), z]) if len(z) == 1 else z
        return torch.softmax(self.share[0] * torch.log(y.double()) + self.share[1] * z, dim=1)


class Network:
    def __init__(self, path):
        self.document, self.config = rnn_files.read_model(path)
        self.task = self.document.metadata["task"]
        for name in self.document.tensors:
            if name in ("features.key", "output.A", "frame.mean"):
                sys.exit("predict.py: this program does not know what to do with the tensor '%s' of this model" % name)
        self.symbols = self.document.strings("vocabulary")
        self.labels = self.document.strings("labels")
        self.columns = [slice(None)]  # the classes of each column of tags
        if "columns" in self.document.metadata:
            names = [name.encode() + b"=" for name in self.document.metadata["columns"].split(",")]
            of = [[i for i, label in enumerate(self.labels) if label.startswith(name)] for name in names]
            self.columns = [slice(numbers[0], numbers[-1] + 1) for numbers in of]
            self.labels = [label.split(b"=", 1)[1] for label in self.labels]
        self.number = {string: i for i, string in enumerate(self.symbols)}
        self.unknown = len(self.symbols) + (self.task == "complete")
        self.has_unknown = self.document.metadata.get("unknown") == "true"
        self.embedding = self.tensor("embedding") if "embedding" in self.document.tensors else None
        self.wide = Wide(self.document) if "wide.key" in self.document.tensors else None
        self.layers = [self.layer(i) for i in range(int(self.config["layers"]))]

    def tensor(self, name):
        return torch.tensor(self.document.numbers(name)).reshape(self.document.shape(name))

    def layer(self, index):
        """One layer as PyTorch has it, and its start state. (PyTorch has no logistic Elman cell.)"""
        both = self.config["bidirectional"] == "true"
        d, width = int(self.config["state"]), self.document.shape("layer%d.U" % index)[1]
        kind = {"elman": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}.get(self.config["cell"])
        if kind is None:
            sys.exit("predict.py: PyTorch has no cell '%s'" % self.config["cell"])
        more = {"nonlinearity": self.config["activation"]} if kind is torch.nn.RNN else {}
        layer = kind(width, d, bidirectional=both, **more)
        starts = []
        for ours, theirs in [("", "_l0"), ("reverse.", "_l0_reverse")][:2 if both else 1]:
            prefix = "layer%d.%s" % (index, ours)
            bias = self.tensor(prefix + "b")
            for name, value in ("weight_ih", self.tensor(prefix + "U")), ("weight_hh", self.tensor(prefix + "W")), \
                    ("bias_ih", bias), ("bias_hh", torch.zeros_like(bias)):
                getattr(layer, name + theirs).data = value
            learned = prefix + "s0" in self.document.tensors
            starts.append(self.tensor(prefix + "s0") if learned else torch.zeros(d))
        start = torch.stack(starts)
        return layer, (start, torch.zeros_like(start)) if kind is torch.nn.LSTM else start

    def inputs(self, steps):
        """[T][n or e]"""
        if not self.symbols:
            return torch.tensor(steps)
        width = self.unknown + self.has_unknown
        table = torch.eye(width) if self.embedding is None else self.embedding
        x = torch.zeros(len(steps), table.shape[1])
        for t, string in enumerate(steps):
            if string in self.number or self.has_unknown:
                x[t] = table[self.number.get(string, self.unknown)]
        return x

    def pooled(self, s):
        """What a sequence is classified by, of the states [T][d or 2 d] of all steps."""
        d, pooling = int(self.config["state"]), self.config.get("pooling", "last")
        if pooling == "last":
            return torch.cat([s[-1, :d], s[0, d:]])
        if pooling == "attention":
            return torch.softmax(s @ self.tensor("output.q"), dim=0) @ s
        return torch.cat([s.mean(0)] * (pooling != "max") + [s.max(0)[0]] * (pooling != "mean"))

    def outputs(self, steps):
        """y [T][k], or [1][k] of a classifier."""
        whole = steps
        if self.task == "classify" and self.config["max_steps"] not in ("all", "auto"):
            steps = kept(steps, int(self.config["max_steps"]), self.config.get("kept", "last"))
        x = self.inputs(steps)
        for index, (layer, start) in enumerate(self.layers):
            below = x
            x, _ = layer(x, start)
            if index > 0 and self.config.get("residual") == "true":
                x = x + below
        if self.task == "classify":
            x = self.pooled(x).reshape(1, -1)
        y = x @ self.tensor("output.V").T + self.tensor("output.c")
        for column in self.columns:
            y[:, column] = torch.softmax(y[:, column], dim=1)
        return y if self.wide is None else self.wide.answer(y, whole)

    def foretold(self, steps):
        """The symbol to come at each step, or None where the model does not know it."""
        default = self.unknown if self.has_unknown else None
        return [self.number.get(string, default) for string in steps[1:]] + [len(self.symbols)]


def kept(steps, most, which):
    """What is read of a sequence: at most so many steps."""
    if len(steps) <= most or which == "first":
        return steps[:most]
    return steps[-most:] if which == "last" else steps[:(most + 1) // 2] + steps[len(steps) - most // 2:]


def show(network, steps):
    y = network.outputs(steps)
    if network.task == "complete":
        nats = [-math.log(row[next_one]) for row, next_one in zip(y, network.foretold(steps)) if next_one is not None]
        print("%.9g" % (sum(nats) / len(nats) / math.log(2)))
        return
    for t, row in enumerate(y):
        cells = [steps[t]] if network.task == "tag" and network.symbols else []
        for column in network.columns:
            probability, best = row[column].max(0)
            cells += [network.labels[column][best], b"%.9g" % probability.item()]
        sys.stdout.buffer.write(b"\t".join(cells) + b"\n")
    if network.task == "tag":
        sys.stdout.buffer.write(b"\n")


def main():
    network = Network(sys.argv[1])
    with torch.no_grad():
        for steps, _ in rnn_files.read_sequences(sys.argv[2]):
            show(network, steps)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
