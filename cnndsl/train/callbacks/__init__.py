"""Callbacks: what may happen while a net trains.

model.fit(data, epochs=50, callbacks=[EarlyStopping(patience=5), BestModel("best.safetensors"), CsvLog("log.csv")])
"""

from cnndsl.train.callbacks.base import Callback, Run
from cnndsl.train.callbacks.best import BestModel, LastModel
from cnndsl.train.callbacks.curves import Curves
from cnndsl.train.callbacks.logs import CsvLog, JsonLog
from cnndsl.train.callbacks.stopping import EarlyStopping
from cnndsl.train.callbacks.tensorboard import TensorBoard

__all__ = ["BestModel", "Callback", "CsvLog", "Curves", "EarlyStopping", "JsonLog", "LastModel", "Run", "TensorBoard"]
