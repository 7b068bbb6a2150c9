# needs: redis-server
redis-server --port 0 --unixsocket "$PWD/socket" --dir /dev/shm --dbfilename "$TAG.rdb" --appendonly no --save '' > log &
while [ ! -S socket ]; do kill -0 $! || { cat log; exit 1; }; sleep 0.02; done
redis-cli -s "$PWD/socket" set key value > log && redis-cli -s "$PWD/socket" save > log
kill -9 $!; wait $!
true
