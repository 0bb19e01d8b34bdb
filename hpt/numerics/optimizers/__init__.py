"""The catalogue of optimizers. A new one is a function and a row in one of these modules."""

from hpt.foundation.catalogue import table
from hpt.numerics.optimizers.accumulators import ACCUMULATORS
from hpt.numerics.optimizers.descent import DESCENT
from hpt.numerics.optimizers.moments import MOMENTS
from hpt.numerics.optimizers.variants import VARIANTS

OPTIMIZERS = table(*DESCENT, *ACCUMULATORS, *MOMENTS, *VARIANTS)
