"""rapidocr and OpenCV, which have no types and may not be installed: named once, so no other module needs to say so."""

import logging
from importlib import import_module
from typing import Any

from kosha.ingestion.parsers.ocr import LIBRARY, Picture

Engine = Any

_SETTINGS = {
    # The process that reads files may start no threads.
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Global.text_score": 0.0,  # what is hard to read is told, not left out in silence
    "Global.log_level": "error",
}

import_module("cv2").setNumThreads(1)
_rapidocr: Any = import_module(LIBRARY)
RapidOCRError: type[Exception] = import_module(f"{LIBRARY}.main").RapidOCRError
logging.getLogger("RapidOCR").setLevel(logging.ERROR)


def new_engine() -> Engine:
    """With the models of its wheel; they are loaded with the first picture, and nothing is fetched."""
    return _rapidocr.RapidOCR(params=_SETTINGS)


def turned(picture: Picture) -> Picture:
    """The picture, turned by 180 degrees."""
    return picture[::-1, ::-1].copy()
