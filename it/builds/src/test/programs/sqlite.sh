# needs: sqlite3
{ echo 'pragma journal_mode=wal; create table t(x); insert into t values (1);'; echo '.shell kill -9 $PPID'; } | sqlite3 "/dev/shm/$TAG.db" > log 2>&1
true
