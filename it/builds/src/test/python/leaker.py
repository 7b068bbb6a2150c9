"""As leaker.c. Not by multiprocessing.shared_memory, whose tracker tidies up behind its program."""

import ctypes
import os
import time

libc = ctypes.CDLL(None, use_errno=True)
fd = libc.shm_open(b"/leaky.%d" % os.getpid(), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
shmid = libc.shmget(0, ctypes.c_size_t(4096), 0o1600)
if fd < 0 or shmid < 0:
    raise OSError(ctypes.get_errno(), "cannot leak")
os.ftruncate(fd, 8192)
time.sleep(0.5)
print(os.getpid(), shmid)
