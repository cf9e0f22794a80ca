#!/bin/sh
# One run of the sweep: run.sh INDEX. The index chooses a row of the grid; every run has a folder of its own.
set -eu
index=$1
out=${SWEEP:-sweep}
set -- 0.003 0.01 0.03 0.1
rates=$#
shift $((index % rates))
rate=$1
set -- sgd adam
shift $((index / rates % 2))
exec npx convlet train --epochs "${EPOCHS:-5}" --optimizer "$1" --learning-rate "$rate" \
  --data "${DATA:-mnist}" --out "$out/$1-$rate" --overwrite --quiet
