"""Many inputs, one after the other or side by side: every result whole, named, and done once."""

from pgvgen.batch.inputs import Input, find_inputs, is_many, root_of
from pgvgen.batch.naming import name_results
from pgvgen.batch.run import Batch, Engine, run_batch
from pgvgen.batch.shard import Shard
from pgvgen.batch.task import Do, Outcome, Task, Work

__all__ = [
    "Batch",
    "Do",
    "Engine",
    "Input",
    "Outcome",
    "Shard",
    "Task",
    "Work",
    "find_inputs",
    "is_many",
    "name_results",
    "root_of",
    "run_batch",
]
