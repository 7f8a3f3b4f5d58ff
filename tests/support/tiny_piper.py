"""A voice file for piper of a few kilobytes: each phoneme is a tone, with piper's kind of noise."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

RATE_HZ = 22_050
_HOP = 256
_FRAMES = 3  # a phoneme and the pad after it last twice as many frames: 70 ms


def describe_voice(*, speakers: int = 1, **others: Any) -> dict[str, Any]:
    """Return what stands in the .onnx.json of a published voice."""
    return {
        "audio": {"sample_rate": RATE_HZ, "quality": "medium"},
        "espeak": {"voice": "en-us"},
        "language": {"code": "en_US", "family": "en", "region": "US"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_map": {},
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "num_symbols": 256,
        "num_speakers": speakers,
        "speaker_id_map": {f"p{200 + n}": n for n in range(speakers)} if speakers > 1 else {},
        "piper_version": "1.0.0",
        **others,
    }


def write_voice(
    path: Path, *, speakers: int = 1, base_hz: int = 150, gain: float = 0.2, **others: Any
) -> Path:
    """Write a voice file and its description; `others` stand in the description."""
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(_make_model(speakers=speakers, base_hz=base_hz, gain=gain), str(path))
    description = describe_voice(speakers=speakers, **others)
    Path(f"{path}.json").write_text(json.dumps(description), encoding="utf-8")
    return path


def _make_model(*, speakers: int, base_hz: int, gain: float) -> onnx.ModelProto:
    """Make a model with the inputs, the output and the two draws of noise that piper's have."""
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def constant(value: Any, kind: type) -> str:
        name = f"c{len(constants)}"
        constants.append(numpy_helper.from_array(np.array(value, kind), name))
        return name

    def add(operation: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(nodes)}"
        nodes.append(helper.make_node(operation, list(inputs), [name], name, **attributes))
        return name

    def floats(name: str) -> str:
        return add("Cast", name, to=TensorProto.FLOAT)

    def whole(name: str) -> str:
        return add("Cast", name, to=TensorProto.INT64)

    zero, one, hop = constant(0, np.int64), constant(1, np.int64), constant(_HOP, np.int64)
    noise, length, noise_w = (add("Gather", "scales", constant(n, np.int64)) for n in range(3))
    ids = add("Squeeze", "input", constant([0], np.int64))
    # how many frames each phoneme lasts: at least one
    drawn = add("RandomNormalLike", floats(ids))
    width = add("Mul", add("Mul", drawn, noise_w), constant(0.3, np.float32))
    width = add("Mul", add("Add", width, constant(_FRAMES, np.float32)), length)
    width = add("Max", add("Ceil", width), constant(1, np.float32))
    ends = add("CumSum", whole(width), zero)
    frames = add("ReduceMax", ends, keepdims=0)
    # which phoneme each sample is of
    samples = add("Range", zero, add("Mul", frames, hop), one)
    frame = add("Unsqueeze", add("Div", samples, hop), constant([1], np.int64))
    over = add("GreaterOrEqual", frame, add("Unsqueeze", ends, constant([0], np.int64)))
    index = add("ReduceSum", whole(over), constant([1], np.int64), keepdims=0)
    sign = add("Gather", ids, index)
    hz = add("Mul", sign, constant(5, np.int64))
    hz = add("Add", hz, constant(base_hz, np.int64))
    if speakers > 1:
        shift = add("Mul", add("Squeeze", "sid", constant([0], np.int64)), constant(90, np.int64))
        hz = add("Add", hz, shift)
    turns = add("Mod", add("Mul", hz, samples), constant(RATE_HZ, np.int64))
    wave = add("Sin", add("Mul", floats(turns), constant(2 * np.pi / RATE_HZ, np.float32)))
    # pads and spaces are silent
    heard = floats(add("Greater", sign, constant(3, np.int64)))
    hiss = add("Mul", add("Mul", add("RandomNormalLike", wave), noise), constant(0.05, np.float32))
    wave = add("Mul", add("Mul", add("Add", wave, hiss), heard), constant(gain, np.float32))
    nodes.append(helper.make_node("Reshape", [wave, constant([1, 1, 1, -1], np.int64)], ["output"]))
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch"]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    if speakers > 1:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, ["batch"]))
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "time"])
    graph = helper.make_graph(nodes, "tiny", inputs, [output], constants)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8, producer_name="tests"
    )
    onnx.checker.check_model(model)
    return model
