#!/bin/sh
# Trains what Table 1 compares, for the paper's generator and the one in keypoint space: without
# the adversary (L1), without the recurrent module, with GRU, with LSTM. Each differs from GRU in
# one key. Two more of the paper's go on from its L1 with less of Eq. 2, the second with a
# discriminator that is told label and start pose, which Eq. 1 is not: 40 minutes of a CPU core each.
# Finished runs are skipped, begun ones resumed.
#
#   train/table-1.sh STORE RUNS [OPTIONS…]
#
# OPTIONS are for the paper's four, whose recipe wants a GPU: `--set train.batch_size=8
# --set train.steps=200` gives each a quarter of an hour of a CPU core, which is not enough.
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

on() { # RUN OPTIONS…
    name=$1
    shift
    resumable psgan "$runs/$name" --data "$store" --recipe "$here/heatmap-action.toml" \
        --set losses.begin="$runs/heatmap-l1/release" --set losses.adversarial=0.3 \
        --set losses.learning_rate=2e-4 --set losses.decay=1 --set losses.discriminator_rate=1 \
        --set losses.ema=0.98 --set train.batch_size=8 --set train.steps=400 "$@"
}

four keypoint
four heatmap "$@"
on heatmap-on
on heatmap-told --set losses.discriminator_told=true
