# needs: perl
perl -e '
  my $dir = "/dev/shm/$ARGV[0]-queue";
  mkdir $dir or die $!;
  for my $name ("metadata.cq4t", "20261130F.cq4") {
    open my $file, ">", "$dir/$name.tmp" or die $!;
    truncate $file, 1 << 26;
    syswrite $file, "data";
    close $file;
    rename "$dir/$name.tmp", "$dir/$name" or die $!;
  }' "$TAG"
