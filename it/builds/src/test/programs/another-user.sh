# needs: setpriv perl
setpriv --reuid=65534 --regid=65534 --clear-groups -- perl -e '
  defined shmget(0, 4096, 01600) && defined semget(0, 1, 01600) && defined msgget(0, 01600) or die $!;
  open F, ">", "/dev/shm/$ARGV[0]-file" or die $!; syswrite F, "data"' "$TAG"
