# needs: Xvfb
Xvfb -displayfd 3 -shmem -nolisten tcp 3> display 2> log &
while [ ! -s display ]; do kill -0 $! || { cat log; exit 1; }; sleep 0.02; done
kill -9 $!; wait $!
rm -f "/tmp/.X$(cat display)-lock" "/tmp/.X11-unix/X$(cat display)"
