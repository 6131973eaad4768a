"""Trains the model of names: ``python -m training FOLDER [MODEL]``."""

from __future__ import annotations

import sys
from pathlib import Path

from router.privacy.find.people import model as name_model
from router.privacy.find.people.model import dump
from training.labelled import labelled
from training.train import train

SHIPPED = Path(name_model.__file__).with_name("people.model")


def main(folder: str, model: str = str(SHIPPED)) -> None:
    """Writes the model that the texts in ``folder`` give."""
    texts = [text for texts in labelled(Path(folder)).values() for text in texts]
    Path(model).write_text(dump(train(texts)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
