# needs: python3
# As joblib's memory maps, whose folder a killed parent leaves.
python3 - "$TAG" <<'PROGRAM'
import os, sys, mmap
folder = "/dev/shm/joblib_memmapping_folder_%s_%d" % (sys.argv[1], os.getpid())
inner = folder + "/loky_pickle"
os.makedirs(inner)
for n in range(3):
    with open("%s/%d.pkl" % (inner, n), "w+b") as f:
        f.truncate(8192)
        mmap.mmap(f.fileno(), 8192)[:4] = b"data"
os.kill(os.getpid(), 9)
PROGRAM
true
