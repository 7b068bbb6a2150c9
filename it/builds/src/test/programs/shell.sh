# needs: sh
echo data > "/dev/shm/$TAG-1"
env -i setsid sh -c "(echo data > '/dev/shm/$TAG-2') &"
