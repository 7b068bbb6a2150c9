# needs: mdb_load
mkdir "/dev/shm/$TAG-lmdb" && printf 'key\nvalue\n' | mdb_load -T "/dev/shm/$TAG-lmdb"
