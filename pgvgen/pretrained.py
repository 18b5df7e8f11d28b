"""What both networks share: they load from, and save to, a folder or the Hugging Face Hub."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

import torch
from huggingface_hub import ModelCard, PyTorchModelHubMixin
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from typing_extensions import Self

from pgvgen._files import atomic_path
from pgvgen.errors import WeightsError
from pgvgen.weights import CONFIG_FILE, TENSORS_FILE, Stage, find, read_config, usage

_CARD = """---
{{ card_data }}
---
Weights of pgvgen: `{{ usage }}`.
"""


class PretrainedModel(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="pgvgen",
    tags=["human-video-generation"],
    model_card_template=_CARD,
):
    """A network with a frozen dataclass of a config, kept as `config.json` + `model.safetensors`.

    A subclass names its `stage` and its `config_class`, takes the config as its only argument and
    keeps it as `self.config`. Weights are stored as float16, half the size, and load as float32.
    """

    stage: ClassVar[Stage]
    config_class: ClassVar[type[Any]]
    config: Any

    @classmethod
    def from_pretrained(  # type: ignore[override]
        cls,
        name: str | Path,
        *,
        revision: str | None = None,
        device: str | torch.device = "cpu",
        cache_dir: str | Path | None = None,
        force_download: bool = False,
        local_files_only: bool = False,
        token: str | bool | None = None,
    ) -> Self:
        """The network with its weights, in evaluation mode.

        Args:
            name: bundled name, folder, or Hub id `org/name[@revision]`; see `pgvgen.weights.find`.
            revision: branch, tag or commit of a Hub id.
            device: where the weights shall be.
            cache_dir, force_download, local_files_only, token: as `huggingface_hub` has them.

        Raises:
            WeightsError: missing, incomplete, of the other stage, or not what the config says.
        """
        folder = find(
            f"{name}@{revision}" if revision else name,
            cls.stage,
            cache_dir=cache_dir,
            force_download=force_download,
            local_files_only=local_files_only,
            token=token,
        )
        network = cls._rebuild(folder)
        return network.to(device).eval()

    def generate_model_card(self, *args: Any, **kwargs: Any) -> ModelCard:
        """The mixin's, which says how weights of this stage are used."""
        given = {"usage": usage([self.stage], "FOLDER_OR_HUB_ID"), **kwargs}
        return super().generate_model_card(*args, **given)

    def _save_pretrained(self, save_directory: Path) -> None:
        """The mixin's `save_pretrained` and `push_to_hub` come here: write both files."""
        tensors: dict[str, Tensor] = {}
        written: set[int] = set()
        for name, tensor in self.state_dict().items():
            if tensor.data_ptr() in written and tensor.numel():
                continue  # a layer that two places share is stored once
            written.add(tensor.data_ptr())
            tensors[name] = _halved(tensor).cpu().contiguous()
        with atomic_path(save_directory / TENSORS_FILE) as temporary:
            temporary.write_bytes(save(tensors))  # a full disk is an OSError, which is explained
        config = {"stage": self.stage, **dataclasses.asdict(self.config)}
        text = json.dumps(config, indent=2, ensure_ascii=False) + "\n"
        (save_directory / CONFIG_FILE).write_text(text, encoding="utf-8")

    @classmethod
    def _rebuild(cls, folder: Path) -> Self:
        """The network that the folder's config describes, with the folder's tensors."""
        config = cls._config_of(folder)
        file = folder / TENSORS_FILE
        try:
            stored = load_file(file)
        except (SafetensorError, OSError) as error:
            raise WeightsError(f"{file} is damaged or cut short: fetch it again") from error
        try:
            with _NoLargerThan(sum(tensor.numel() for tensor in stored.values())):
                network = cls(config)
        except (TypeError, ValueError, RuntimeError, ArithmeticError, MemoryError) as error:
            reason = str(error).partition("\n")[0]  # torch goes on with a C++ trace
            raise WeightsError(f"{file} does not fit its {CONFIG_FILE}: {reason}") from error
        network._take(stored, file)
        return network

    @classmethod
    def _config_of(cls, folder: Path) -> Any:
        """The config dataclass of the folder's `config.json`."""
        values = read_config(folder, cls.stage)
        del values["stage"]
        hints = get_type_hints(cls.config_class)
        if strange := set(values) - set(hints):
            raise WeightsError(
                f"{folder / CONFIG_FILE} says {', '.join(sorted(strange))}, which this version of "
                "pgvgen does not know: update pgvgen"
            )
        frozen = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
        try:
            for key, value in frozen.items():
                if not _is_a(value, hints[key]):
                    raise TypeError(f"{key} cannot be {str(value)[:40]!r}")
            return cls.config_class(**frozen)
        except (TypeError, ValueError) as error:
            raise WeightsError(f"{folder / CONFIG_FILE} makes no sense: {error}") from error

    def _take(self, stored: dict[str, Tensor], file: Path) -> None:
        """Load the tensors if they are this network's, to the last one."""
        own = self.state_dict()
        loaded = {own[name].data_ptr() for name in stored if name in own}
        lacking = [n for n in own if n not in stored and own[n].data_ptr() not in loaded]
        strange = [
            name for name in stored if name not in own or own[name].shape != stored[name].shape
        ]
        if lacking or strange:
            first = (lacking + strange)[0]
            raise WeightsError(
                f"{file} does not fit its {CONFIG_FILE}: {len(lacking)} tensors are missing and "
                f"{len(strange)} are of another network, such as {first}"
            )
        self.load_state_dict(stored, strict=False)


class _NoLargerThan(TorchFunctionMode):
    """Stops the making of a network whose parameters are many more than those stored for it.

    A config that asks for a million channels would else take the machine's memory before anybody
    could see that it does not fit its tensors.
    """

    def __init__(self, stored: int) -> None:
        super().__init__()
        self.left = 2 * stored + 1_000_000

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        made = func(*args, **(kwargs or {}))
        if func is torch.empty:  # where every layer's parameters begin; nothing is written yet
            self.left -= made.numel()
            if self.left < 0:
                raise ValueError("it describes a much larger network")
        return made


def _is_a(value: Any, hint: Any) -> bool:
    """Whether a JSON value (lists as tuples) is of a config field's type."""
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) is dict:
        inner = get_args(hint)[1]
        return isinstance(value, dict) and all(_is_a(v, inner) for v in value.values())
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(_is_a(v, get_args(hint)[0]) for v in value)
    if isinstance(value, bool) or hint is bool:
        return isinstance(value, bool) and hint is bool
    return isinstance(value, (int, float) if hint is float else hint)


def _halved(tensor: Tensor) -> Tensor:
    """Float16 where nothing overflows by it; integers as they are."""
    if not tensor.is_floating_point():
        return tensor
    half = tensor.half()
    return half if torch.isfinite(half).all() else tensor
