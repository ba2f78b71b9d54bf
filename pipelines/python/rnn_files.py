"""Models and sequence streams of rnn-tools in Python: json, struct and the zstd command, nothing else.

The formats are specified in formats/container.md, model.md and sequences.md."""

import json
import struct
import subprocess

TYPES = {"U8": "B", "I32": "i", "I64": "q", "F16": "e", "F32": "f", "F64": "d"}


class Document:
    """Metadata and tensors of one safetensors document. A tensor is (dtype, shape, bytes)."""

    def __init__(self, metadata, tensors):
        self.metadata = metadata
        self.tensors = tensors

    def shape(self, name):
        return self.tensors[name][1]

    def numbers(self, name):
        """All numbers of a tensor, flat; none where it is absent."""
        if name not in self.tensors:
            return ()
        dtype, _, data = self.tensors[name]
        return struct.unpack("<%d%s" % (len(data) // struct.calcsize(TYPES[dtype]), TYPES[dtype]), data)

    def strings(self, name):
        """The strings of tensors NAME and NAME.length, as bytes."""
        strings, offset = [], 0
        for length in self.numbers(name + ".length"):
            strings.append(self.tensors[name][2][offset:offset + length])
            offset += length
        return strings

    def encode(self):
        header, offset = {"__metadata__": self.metadata}, 0
        for name, (dtype, shape, data) in self.tensors.items():
            header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}
            offset += len(data)
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + b"".join(data for _, _, data in self.tensors.values())


def decode(data):
    """All documents in these bytes, which lie one behind the other."""
    at = 0
    while at < len(data):
        length, = struct.unpack_from("<Q", data, at)
        header = json.loads(data[at + 8:at + 8 + length])
        metadata, at = header.pop("__metadata__"), at + 8 + length
        tensors = {name: (entry["dtype"], entry["shape"], data[at + entry["data_offsets"][0]:at + entry["data_offsets"][1]])
                   for name, entry in header.items()}
        yield Document(metadata, tensors)
        at += sum(len(tensor[2]) for tensor in tensors.values())


def read(path):
    """All documents of a file: one of a model, one for each block of a stream."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] == b"\x28\xb5\x2f\xfd":
        data = subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return decode(data)


def write(path, documents):
    """One zstd frame each, with its size declared and its checksum on."""
    with open(path, "wb") as file:
        for document in documents:
            data = document.encode()
            command = ["zstd", "-cq", "--check", "--stream-size=%d" % len(data)]
            file.write(subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout)


def read_model(path):
    """The document of a model, and its configuration as a dictionary of strings."""
    document, = read(path)
    if document.metadata["format"] != "rnn-model/1":
        raise ValueError("%s: not a model" % path)
    config = dict(line.split(": ", 1) for line in document.metadata["config"].splitlines())
    return document, config


def read_sequences(path):
    """Each sequence of a stream: a list of strings (bytes) or of frames (None: missing), and its target: None, a label, or a list of
    tags, of several columns a list of tuples."""
    symbols, labels = [], []
    for block in read(path):
        if block.metadata["format"] != "rnn-sequences/1":
            raise ValueError("%s: not a sequence stream" % path)
        if block.metadata["dictionary"] == "starts":
            symbols, labels = [], []
        symbols += block.strings("symbols")
        labels += block.strings("labels")
        if "frame" in block.tensors:
            flat, width = block.numbers("frame"), block.shape("frame")[1]
            if "missing" in block.tensors:
                flat = [None if missing else number for number, missing in zip(flat, block.numbers("missing"))]
            steps = [flat[i:i + width] for i in range(0, len(flat), width)]
        else:
            steps = [symbols[number] for number in block.numbers("symbol")]
        columns = len(block.metadata.get("columns", "").split(","))
        names = [label.split(b"=", 1)[-1] if columns > 1 else label for label in labels] + [None]  # the last is that of -1
        tags, label, begin = block.numbers("tag"), block.numbers("label"), 0
        for i, length in enumerate(block.numbers("length")):
            end = begin + length
            target = [names[tag] for tag in tags[begin * columns:end * columns]] if tags else names[label[i]] if label else None
            if columns > 1:
                target = list(zip(*[iter(target)] * columns))
            yield steps[begin:end], target
            begin = end


def sequences(frames, labels):
    """A block of labelled sequences of frames: frames[i] is a list of lists of numbers, labels[i] a string."""
    names = sorted(set(labels))
    texts = [name.encode() for name in names]
    flat = [number for sequence in frames for frame in sequence for number in frame]
    steps = sum(len(sequence) for sequence in frames)

    def integers(numbers):
        return "I32", [len(numbers)], struct.pack("<%di" % len(numbers), *numbers)

    return Document(
        {"format": "rnn-sequences/1", "task": "classify", "dictionary": "starts"},
        {"length": integers([len(sequence) for sequence in frames]),
         "frame": ("F32", [steps, len(flat) // steps], struct.pack("<%df" % len(flat), *flat)),
         "label": integers([names.index(label) for label in labels]),
         "labels.length": integers([len(text) for text in texts]),
         "labels": ("U8", [sum(map(len, texts))], b"".join(texts))})
