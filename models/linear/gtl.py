"""The .gtl file: README.md has the format."""
import json
import struct

import numpy as np

import features

MAGIC = b"GHTL"
FORMAT = 1
OUTPUTS = ("injection", "entities", "harmful")


class Model:
    def __init__(self, bits):
        self.bits = bits
        self.weights = {name: np.zeros(1 << bits, np.int8) for name in OUTPUTS}
        self.bias = {name: 0.0 for name in OUTPUTS}
        self.scale = {name: 0.0 for name in OUTPUTS}
        self.clear = {}  # an output without one is never clear
        self.calibration = {}  # (a, b)
        self.measured = {}
        self.trained = {}

    def set(self, name, weights, bias, scale):
        self.weights[name], self.bias[name], self.scale[name] = weights, bias, scale

    def write(self, path):
        header = {"features": features.VERSION, "bits": self.bits, "outputs": {}, "trained": self.trained,
                  "measured": self.measured}
        for name in OUTPUTS:
            output = {"bias": self.bias[name], "scale": self.scale[name]}
            if name in self.clear:
                output["clear"] = self.clear[name]
            if name in self.calibration:
                output["calibration"] = list(self.calibration[name])
            header["outputs"][name] = output
        raw = json.dumps(header, ensure_ascii=True).encode()
        content = MAGIC + struct.pack("<II", FORMAT, len(raw)) + raw
        content += np.stack([self.weights[name] for name in OUTPUTS], 1).tobytes()
        with open(path, "wb") as file:
            file.write(content)
        return content

    @classmethod
    def read(cls, path):
        with open(path, "rb") as file:
            content = file.read()
        version, size = struct.unpack("<II", content[4:12])
        if content[:4] != MAGIC or version != FORMAT:
            raise ValueError(f"{path} is no .gtl file of format {FORMAT}")
        header = json.loads(content[12:12 + size])
        model = cls(header["bits"])
        weights = np.frombuffer(content, np.int8, offset=12 + size).reshape(-1, len(OUTPUTS))
        for i, name in enumerate(OUTPUTS):
            output = header["outputs"][name]
            model.set(name, weights[:, i], output["bias"], output["scale"])
            if "clear" in output:
                model.clear[name] = output["clear"]
            if "calibration" in output:
                model.calibration[name] = tuple(output["calibration"])
        model.trained, model.measured = header["trained"], header["measured"]
        return model

    def score(self, texts):
        """[bytes], each as one piece -> {output: float32 array}: what LinearModel::score says, to the last bit."""
        buckets, ends = features.Extractor(self.bits).extract(texts)
        counts = np.diff(ends)
        out = {}
        for name in OUTPUTS:
            sums = np.concatenate(([0], np.cumsum(self.weights[name][buckets].astype(np.int64))))
            sums = (sums[ends[1:]] - sums[ends[:-1]]).astype(np.float64)
            value = self.bias[name] + self.scale[name] * (sums / np.sqrt(np.maximum(counts, 1).astype(np.float64)))
            out[name] = value.astype(np.float32)
        return out
