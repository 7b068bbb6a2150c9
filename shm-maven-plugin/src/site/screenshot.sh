#!/bin/sh
# Makes the picture of the report that the README shows; needs Chromium.
set -eu
cd "$(dirname "$0")/../../.."
shots=$(mktemp -d)
trap 'rm -rf "$shots"' EXIT
mvn -B -pl shm-maven-plugin -am test -Dtest=BrowserTests -Dsurefire.failIfNoSpecifiedTests=false \
  -Dshmkit.screenshots="$shots"
mkdir -p shm-maven-plugin/src/site/resources/images
cp "$shots/report.png" shm-maven-plugin/src/site/resources/images/report.png
