#!/bin/sh
# Trains what Table 1 compares, for the paper's generator and the one in keypoint space: without
# the adversary (L1), without the recurrent module, with GRU, with LSTM. Each differs in one key. The
# paper's are trained with L1 only and go on from there with an adversary (heatmap-action.toml); and once
# more to the letter, with all of Eq. 2 from the beginning. Finished runs are skipped, begun ones resumed.
#
#   train/table-1.sh STORE RUNS [OPTIONS…]
#
# OPTIONS are for the paper's, which want a GPU: `--set train.batch_size=8 --set train.steps=200` gives
# each a quarter of an hour of a CPU core, which is not enough.
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

keypoint() { # NAME OPTIONS…
    name=$1
    shift
    resumable psgan "$runs/keypoint-$name" --data "$store" --recipe "$here/keypoint-action.toml" "$@"
}

heatmap() { # NAME OPTIONS…
    name=$1
    shift
    resumable psgan "$runs/heatmap-$name" --data "$store" --recipe "$here/heatmap-action.toml" "$@"
}

from_nothing="--set losses.learning_rate=7e-4 --set losses.decay=0.1 --set losses.ema=0.998"
keypoint l1 --set losses.adversarial=0
for module in gru none lstm; do
    keypoint $module --set model.recurrent=$module
    # shellcheck disable=SC2086 # several words
    heatmap $module-l1 $from_nothing --set losses.adversarial=0 --set train.steps=2400 \
        --set model.recurrent=$module "$@"
    heatmap $module --set losses.begin="$runs/heatmap-$module-l1/release" \
        --set model.recurrent=$module "$@"
    # shellcheck disable=SC2086
    heatmap $module-letter $from_nothing --set losses.adversarial=1 --set losses.discriminator_told=false \
        --set losses.discriminator_rate=0.5 --set train.steps=3600 --set model.recurrent=$module "$@"
done
