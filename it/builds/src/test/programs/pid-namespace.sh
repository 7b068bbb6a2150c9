# needs: unshare perl
unshare --pid --fork --mount-proc -- perl -e '
  defined shmget(0, 4096, 01600) && defined semget(0, 1, 01600) && defined msgget(0, 01600) or die $!;
  open F, ">", "/dev/shm/$ARGV[0]-inner" or die $!; syswrite F, "data"' "$TAG"
