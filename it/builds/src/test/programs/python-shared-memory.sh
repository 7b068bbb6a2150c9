# needs: python3
# The tracker would tidy up: it is killed with its program, as a build that is aborted does.
python3 - "$TAG" <<'PROGRAM'
import os, signal, sys
from multiprocessing import resource_tracker, shared_memory
block = shared_memory.SharedMemory(name=sys.argv[1] + "-block", create=True, size=65536)
block.buf[:4] = b"data"
os.kill(resource_tracker._resource_tracker._pid, signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
PROGRAM
true
