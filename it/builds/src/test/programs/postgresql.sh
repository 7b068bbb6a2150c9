# needs: runuser /usr/lib/postgresql/*/bin/postgres
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/postgres | tail -n 1)")
folder=$(mktemp -d) && chown postgres "$folder" && cd "$folder" || exit
runuser -u postgres -- "$bin/initdb" -D "$folder/data" -A trust --no-sync > log 2>&1 || { cat log; exit 1; }
runuser -u postgres -- "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/server.log" \
  -o "-c listen_addresses= -c unix_socket_directories=$folder -c shared_buffers=1MB -c max_connections=10" start > log || { cat log server.log; exit 1; }
kill -9 "$(head -n 1 data/postmaster.pid)"
# Its children notice and end.
while pgrep -u postgres -f "^postgres: " > pids; do sleep 0.02; done
cd / && rm -r "$folder"
