# needs: unshare perl
unshare --user --map-root-user --pid --fork -- perl -e '
  defined shmget(0, 4096, 01600) or die $!;
  open F, ">", "/dev/shm/$ARGV[0]-inner" or die $!; syswrite F, "data"' "$TAG"
