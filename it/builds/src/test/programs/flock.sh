# needs: flock
flock "/dev/shm/$TAG.lock" true
