# needs: fio
fio --name=io --ioengine=mmap --rw=randrw --size=1m --filename="/dev/shm/$TAG-file" --mem=shm > log 2>&1 || { cat log; exit 1; }
