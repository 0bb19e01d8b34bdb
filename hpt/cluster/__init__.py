"""The same study on many machines: a scheduler, workers, and an executor that sends them pieces of work.

Built on dask.distributed, which no other room imports. The tuning loop, the comparison and the records know nothing of it.
"""

import os

# Read when the engine is imported, here and in the processes that it starts: what comes of a connection that ends, we say.
os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "critical")
