# needs: perl
# As a media driver that was killed.
perl -e '
  my $dir = "/dev/shm/aeron-$ARGV[0]";
  mkdir $_ or die $! for $dir, "$dir/publications", "$dir/images";
  for my $name ("cnc.dat", "loss-report.dat", "publications/1.logbuffer", "images/2.logbuffer") {
    open my $file, ">", "$dir/$name" or die $!;
    truncate $file, 65536;
    syswrite $file, "data";
  }
  kill KILL => $$;' "$TAG"
true
