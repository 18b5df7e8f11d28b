#!/bin/sh
# Trains what Table 5 compares, and prints it: the paper's generator on both pose streams (SCGAN), on
# one (SCGAN-gen, SCGAN-gt), without D_which, and without the shared convolution. Each differs from
# SCGAN in one key; all go on from the one that was trained with L1 only. Finished runs are skipped,
# begun ones resumed.
#
#   train/table-5.sh STORE RUNS [OPTIONS…]
#
# STORE has Weizmann's videos and has been through `pgvgen train predict`. An hour of one CPU core in
# all; OPTIONS are for every training, as `--set train.batch_size=32` on a GPU.
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
one both "$@"
one gen --set losses.streams=predicted "$@"
one gt --set losses.streams=true "$@"
one no-which --set losses.which=false "$@"
one no-shared --set model.shared=false "$@"

pgvgen eval render --table --data "$store" --weights action --weights SCGAN-L1="$runs/l1/release" \
    --weights SCGAN-gen="$runs/gen/release" --weights SCGAN-gt="$runs/gt/release" \
    --weights SCGAN="$runs/both/release" --weights "without D_which=$runs/no-which/release" \
    --weights "without sharing=$runs/no-shared/release"
