#!/bin/sh
# Trains what Table 5 compares, and prints it: the paper's generator on both pose streams (SCGAN), on
# one (SCGAN-gen, SCGAN-gt), without D_which, and without the shared convolution, at three seeds each,
# whose mean the table has. Each differs from SCGAN in one key; all go on from the one that was trained
# with L1 only. Finished runs are skipped, begun ones resumed.
#
#   train/table-5.sh STORE RUNS [OPTIONS…]
#
# STORE has Weizmann's videos and has been through `pgvgen train predict`. An hour and a half of a CPU core
# in all; OPTIONS are for every training, as `--set train.batch_size=32` on a GPU.
set -eu

if [ $# -lt 2 ]; then
    echo "usage: $0 STORE RUNS [OPTIONS…]" >&2
    exit 2
fi
here=$(dirname "$0")
store=$1
runs=$2
shift 2

. "$here/resumable.sh"

one() { # NAME OPTIONS…
    name=$1
    shift
    resumable scgan "$runs/$name" --data "$store" --recipe "$here/painted-action.toml" "$@"
}

one l1 --set losses.adversarial=0 --set losses.learning_rate=5e-4 --set train.steps=2000 "$@"
set -- --set losses.begin="$runs/l1/release" "$@"
for seed in 0 1 2; do
    one "both-$seed" --set train.seed=$seed "$@"
    one "gen-$seed" --set train.seed=$seed --set losses.streams=predicted "$@"
    one "gt-$seed" --set train.seed=$seed --set losses.streams=true "$@"
    one "no-which-$seed" --set train.seed=$seed --set losses.which=false "$@"
    one "no-shared-$seed" --set train.seed=$seed --set model.shared=false "$@"
done

set -- --weights action --weights SCGAN-L1="$runs/l1/release"
for row in SCGAN-gen=gen SCGAN-gt=gt SCGAN=both "without D_which=no-which" "without sharing=no-shared"; do
    for seed in 0 1 2; do
        set -- "$@" --weights "${row%=*}=$runs/${row#*=}-$seed/release"
    done
done
pgvgen eval render --table --data "$store" "$@"
