#!/bin/sh
# The quickstart's story: four kinds of shared memory, a test JVM that is killed, and what is left of it.
# usage: quickstart.sh [MAVEN_HOME [LOCAL_REPOSITORY [VERSION]]]
set -eu
cd "$(dirname "$0")"

mvn=${1:+$1/bin/}mvn
set -- -B -ntp -Dstyle.color=never ${2:+"-Dmaven.repo.local=$2"} ${3:+"-Dshmkit.version=$3"}
log=target/quickstart.log

say() {
  printf '\n=== %s\n' "$*"
}

# What the kernel has of ours: names in /dev/shm, mapped files, System V segments of the size that KilledTest makes.
ours() {
  {
    find /dev/shm -maxdepth 1 -name 'shmkit.*' -printf '%f\n'
    ls -A "${TMPDIR:-/tmp}/shmkit-$(id -u)" 2> /dev/null || true
    awk '$4 == 1048576 { print "System V segment " $2 }' /proc/sysvipc/shm
  } | wc -l
}

# What a goal says itself, without what Maven says around it.
goal_output() {
  sed -n '/--- .*shm.*:/,/^.INFO. ------/ { /^.INFO. ------/d; p; }'
}

mkdir -p target
before=$(ours)

say 'A test over four kinds of shared memory, with a second process'
"$mvn" "$@" test
passed=$(sed -n 's/.*tests="\([0-9]*\)".*failures="0".*/\1/p' target/surefire-reports/TEST-com.example.QuickstartTest.xml | head -n 1)

say 'The same build, but the test JVM is killed with -9 in the middle of a test'
if "$mvn" "$@" test -Pkilled > "$log" 2>&1; then
  cat "$log"
  echo 'the build should have failed: its test JVM was killed' >&2
  exit 1
fi
grep -E 'Tests run:|^.ERROR. The forked VM|shmkit: |BUILD' "$log"
left=$(($(ours) - before))

say 'mvn shm:list: what sessions left'
"$mvn" "$@" shm:list | goal_output

say 'mvn shm:clean: the sweep'
"$mvn" "$@" shm:clean | goal_output

say 'What happened'
echo "* $passed tests passed, one for each kind of shared memory; in each a native process read what the test wrote."
echo '* Then a test JVM was killed with -9 while it held three segments and a helper process.'
if [ "$left" -eq 0 ]; then
  echo '* Its supervisor ended the helper and removed the segments at once: shm:list found nothing, shm:clean had nothing to do.'
else
  echo "* It left $left objects, which shm:clean removed."
fi
echo "* Objects of this quickstart that are left on this machine now: $(($(ours) - before))."
[ "$(ours)" -eq "$before" ]
