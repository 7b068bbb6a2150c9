# needs: qemu-system-x86_64
qemu-system-x86_64 -machine none -nodefaults -display none -S \
  -object "memory-backend-file,id=memory,size=4M,share=on,mem-path=/dev/shm/$TAG-memory" > log 2>&1 &
while [ ! -s "/dev/shm/$TAG-memory" ]; do kill -0 $! || { cat log; exit 1; }; sleep 0.02; done
kill -9 $!; wait $!
true
