# needs: stress-ng
stress-ng --quiet --shm-sysv 1 --sem-sysv 1 --msg 1 --shm 1 --mq 1 --sem 1 --timeout 60 --temp-path . > log 2>&1 &
sleep 1
killed=$!
pids() { for p in $1; do echo "$p"; pids "$(pgrep -P "$p")"; done; }
kill -9 $(pids $killed)
wait $killed
true
