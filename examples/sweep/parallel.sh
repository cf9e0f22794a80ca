#!/bin/sh
# All eight runs on this machine, as many at a time as it has cores: GNU parallel (apt-get install parallel).
# Runs that failed are started again by calling it again: parallel keeps a log of those that are done.
set -eu
parallel --joblog "${SWEEP:-sweep}.log" --resume-failed --halt soon,fail=1 "$(dirname "$0")/run.sh" ::: 0 1 2 3 4 5 6 7
npx convlet compare-runs "${SWEEP:-sweep}"/*/ --out "${SWEEP:-sweep}.html" --overwrite
