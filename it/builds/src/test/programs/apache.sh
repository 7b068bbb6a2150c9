# needs: apache2 perl
port=$(perl -MIO::Socket::INET -e "print IO::Socket::INET->new(Listen => 1, LocalAddr => q(127.0.0.1))->sockport")
modules=/usr/lib/apache2/modules
cat > httpd.conf <<CONF
ServerRoot "$PWD"
PidFile pid
ErrorLog log
ServerName localhost
Listen 127.0.0.1:$port
Mutex sysvsem
ScoreBoardFile scoreboard
LoadModule mpm_prefork_module $modules/mod_mpm_prefork.so
LoadModule authz_core_module $modules/mod_authz_core.so
User daemon
CONF
apache2 -f "$PWD/httpd.conf" -X -k start > out 2>&1 &
while [ ! -s pid ]; do kill -0 $! || { cat out log; exit 1; }; sleep 0.02; done
kill -9 $!; wait $!
true
