"""What a reader of a workspace may see of its documents: records, chunks, bytes, and how a text would be split."""

from collections.abc import Collection, Iterator
from dataclasses import replace

