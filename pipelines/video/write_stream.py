#!/usr/bin/env python3
"""Arrays of frames as a sequence stream, with NumPy, safetensors and zstd alone (formats/sequences.md).

    python3 write_stream.py squat=a.npy squat=b.npy jump=c.npy > corpus.seq.zst
    rnn-train corpus.seq.zst > model.zst

Each file holds [T][n], T frames of n numbers. A NaN is taken for a number that is missing: the tensor `missing` says so, for in a stream it
would be refused. Without the packages safetensors and zstandard it
writes the few bytes of the header by itself, and runs the zstd command."""

import json
import struct
import subprocess
import sys

import numpy

try:
    from safetensors.numpy import save
except ImportError:
    DTYPES = {"<i4": "I32", "<f4": "F32", "|u1": "U8"}

    def save(tensors, metadata):
        header, begin = {"__metadata__": metadata}, 0
        for name, tensor in tensors.items():
            end = begin + tensor.nbytes
            header[name] = {"dtype": DTYPES[tensor.dtype.str], "shape": tensor.shape, "data_offsets": [begin, end]}
            begin = end
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + b"".join(tensor.tobytes() for tensor in tensors.values())


try:
    from zstandard import ZstdCompressor

    def compress(data):
        return ZstdCompressor(write_checksum=True).compress(data)

except ImportError:

    def compress(data):
        command = ["zstd", "-q", "--check", "--stream-size=%d" % len(data)]
        return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def strings(name, items):
    """A list of strings as two tensors: their lengths, and their bytes end to end."""
    encoded = [item.encode() for item in items]
    return {
        name + ".length": numpy.array([len(item) for item in encoded], dtype="<i4"),
        name: numpy.frombuffer(b"".join(encoded), dtype=numpy.uint8),
    }


def block(sequences, labels):
    """The document of labelled sequences [T][n]."""
    names = sorted(set(labels))
    frames = numpy.concatenate(sequences).astype("<f4")
    missing = numpy.isnan(frames)
    tensors = {
        "length": numpy.array([len(sequence) for sequence in sequences], dtype="<i4"),
        "frame": numpy.where(missing, numpy.float32(0), frames),
        "label": numpy.array([names.index(label) for label in labels], dtype="<i4"),
        **strings("labels", names),
    }
    if missing.any():
        tensors["missing"] = missing.astype(numpy.uint8)
    metadata = {"format": "rnn-sequences/1", "task": "classify", "dictionary": "starts"}
    return save(tensors, metadata)


def main(arguments):
    pairs = [argument.split("=", 1) for argument in arguments]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        sys.exit("usage: write_stream.py LABEL=FILE.npy ... > corpus.seq.zst")
    sequences = [numpy.load(path) for _, path in pairs]
    sys.stdout.buffer.write(compress(block(sequences, [label for label, _ in pairs])))


if __name__ == "__main__":
    main(sys.argv[1:])
