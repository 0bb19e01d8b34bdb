"""Model families: what a trial is made of.

A new family is a module here with its rows, which join the table below.
"""

from hpt.foundation.catalogue import table
from hpt.models.dense import DENSE

MODELS = table(*DENSE)
