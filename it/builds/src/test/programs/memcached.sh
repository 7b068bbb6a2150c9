# needs: memcached
memcached -u root -m 64 -l 127.0.0.1 -p 0 -s "$PWD/socket" -e "/dev/shm/$TAG-cache" > log 2>&1 &
while [ ! -S socket ]; do kill -0 $! || { cat log; exit 1; }; sleep 0.02; done
kill -USR1 $!; wait $!
true
