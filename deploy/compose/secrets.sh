#!/bin/sh
# Make the secrets of deploy/compose.yml that can be made, and name those that only you know. What is there stays.
#
#   sh compose/secrets.sh [DIRECTORY]      # default: secrets/ beside this script
set -eu
directory=${1:-$(dirname "$0")/secrets}

# The files are readable within the containers, whoever runs there; on this machine the directory keeps them.
umask 022
mkdir -p "$directory"
chmod 0700 "$directory"
cd "$directory"

chance() {
    od -An -N20 -tx1 /dev/urandom | tr -d ' \n'
}

for name in token postgres-password grafana-password; do
    [ -s "$name" ] || chance >"$name"
done
[ -s state ] || printf 'postgresql://nightporter:%s@postgres/nightporter' "$(cat postgres-password)" >state

for name in relay-password smtp-password; do
    [ -e "$name" ] || : >"$name"
    [ -s "$name" ] || echo "fill in: $directory/$name"
done
