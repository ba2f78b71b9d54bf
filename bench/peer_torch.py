"""The peer of bench/network.c: the same cases by PyTorch, the same lines in and out, on one thread.

Its best setting: flush-to-zero, sorted batches, padded where packing is slower (case c), MKL-DNN as it is built, OpenBLAS or MKL (the
reference BLAS, which Debian's package takes where no other is installed, is several times slower and refused).
"""
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pack_padded_sequence

torch.set_num_threads(1)
torch.set_flush_denormal(True)
torch.manual_seed(1)
torch.mm(torch.ones(64, 64), torch.ones(64, 64))
with open("/proc/self/maps") as maps:
    if not any(blas in line for line in maps for blas in ("openblas", "mkl_", "libblis")):
        sys.exit("peer_torch.py: PyTorch runs on the reference BLAS: install libopenblas0-pthread")

#        symbols  input  d  classes  both   batch mean longest
CASES = {
    "a": (65, 64, 256, 66, False, 64, None, 64),
    "b": (20000, 128, 128, 17, True, 32, 16, 120),
    "c": (30000, 128, 128, 2, False, 32, 230, 400),
    "d": (0, 75, 128, 10, False, 32, None, 60),
}
CELLS = {"elman": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Network(nn.Module):
    def __init__(self, case, cell):
        super().__init__()
        symbols, width, d, classes, both, *_ = CASES[case]
        self.case = case
        self.embedding = nn.Embedding(symbols, width) if symbols else None
        self.rnn = CELLS[cell](width, d, bidirectional=both)
        self.out = nn.Linear(d * (2 if both else 1), classes)

    def forward(self, x, lengths, state):
        x = self.embedding(x) if self.embedding else x
        if self.case == "b":
            return self.out(self.rnn(pack_padded_sequence(x, lengths))[0].data), None
        y, state = self.rnn(x, state)
        if self.case == "a":
            return self.out(y), state
        last = y[lengths - 1, torch.arange(len(lengths))]
        return self.out(last), None


def batches(case, count=8):
    symbols, width, _, classes, _, batch, mean, longest = CASES[case]
    for _ in range(count):
        lengths = torch.full((batch,), longest)
        if mean:
            drawn = torch.distributions.Gamma(2.0, 2.0 / mean).sample((batch,))
            lengths = drawn.round().clamp(1, longest).long().sort(descending=True)[0]
        T, steps = int(lengths[0]), int(lengths.sum())
        x = (torch.rand(T, batch) ** 3 * symbols).long() if symbols else torch.randn(T, batch, width)
        if case == "a":
            target = torch.randint(0, classes, (T, batch))
        elif case == "b":
            target = torch.randint(0, classes, (steps,))
        else:
            target = torch.randint(0, classes, (batch,))
        yield x, lengths, target, steps


class Bench:
    def __init__(self, case, cell):
        self.network = Network(case, cell)
        self.data = list(batches(case))
        self.adam = torch.optim.Adam(self.network.parameters())
        self.state = None
        self.turn = 0

    def next(self):
        self.turn += 1
        return self.data[self.turn % len(self.data)]

    def carry(self, state):
        if state is not None:
            state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        self.state = state

    def train(self):
        x, lengths, target, steps = self.next()
        self.adam.zero_grad(set_to_none=True)
        z, state = self.network(x, lengths, self.state)
        self.carry(state)
        cross_entropy(z.reshape(-1, z.shape[-1]), target.reshape(-1)).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.adam.step()
        return steps

    def predict(self):
        with torch.inference_mode():
            x, lengths, _, steps = self.next()
            self.network(x, lengths, None)[0].softmax(-1).argmax(-1)
        return steps


made = {}
for line in sys.stdin:
    case, cell, mode, window = line.split()
    if (case, cell) not in made:
        made[case, cell] = Bench(case, cell)
        made[case, cell].train()
        made[case, cell].predict()
    run = getattr(made[case, cell], mode)
    cpu, wall, steps = time.process_time(), time.perf_counter(), 0
    while True:
        steps += run()
        if time.perf_counter() - wall >= float(window):
            break
    print(steps, f"{time.process_time() - cpu:.6f}", f"{time.perf_counter() - wall:.6f}", flush=True)
