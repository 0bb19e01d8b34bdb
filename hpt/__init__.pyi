from hpt.python import Comparison as Comparison
from hpt.python import Run as Run
from hpt.python import Training as Training
from hpt.python import compare as compare
from hpt.python import load as load
from hpt.python import train as train
from hpt.python import tune as tune

__version__: str
