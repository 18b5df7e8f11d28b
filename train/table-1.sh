#!/bin/sh
# Trains what Table 1 compares, for the paper's generator and the one in keypoint space: without
# the adversary (L1), without the recurrent module, with GRU, with LSTM. Each differs from GRU in
# one key. Finished runs are skipped, begun ones resumed.
#
#   train/table-1.sh STORE RUNS [OPTIONS…]
#
# OPTIONS are for the paper's generator, whose recipe wants a GPU: `--set train.batch_size=8
# --set train.steps=200` gives each of its four a quarter of an hour of a CPU core, which is not enough.
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

four() { # GENERATOR OPTIONS…
    generator=$1
    shift
    set -- --data "$store" --recipe "$here/$generator-action.toml" "$@"
    resumable psgan "$runs/$generator-gru" "$@"
    resumable psgan "$runs/$generator-none" "$@" --set model.recurrent=none
    resumable psgan "$runs/$generator-lstm" "$@" --set model.recurrent=lstm
    resumable psgan "$runs/$generator-l1" "$@" --set losses.adversarial=0
}

four keypoint
four heatmap "$@"
