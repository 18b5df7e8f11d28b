#!/bin/sh
# Trains what Table 1 compares, for the paper's generator and the one in keypoint space: without
# the adversary (L1), without the recurrent module, with GRU, with LSTM. Each differs from GRU in
# one key. Finished runs are skipped, begun ones resumed.
#
#   train/table-1.sh STORE RUNS [STEPS]
#
# STEPS is for the paper's generator, which takes six seconds a step on a CPU core: there it gets a
# narrower network, small batches, and a gentler learning rate. A discriminator that is far ahead waits,
# or it would win within twenty steps. What a GPU got: README.md beside this.
set -eu

if [ $# -lt 2 ]; then
    echo "usage: $0 STORE RUNS [STEPS]" >&2
    exit 2
fi
here=$(dirname "$0")
store=$1
runs=$2
steps=${3:-60}
cut="--set model.base=16 --set losses.discriminator_base=16 --set train.batch_size=8
     --set train.steps=$steps --set train.log_every=10 --set train.save_every=20
     --set train.sheet_every=30 --set train.validate_every=30 --set losses.ema=0.95
     --set losses.learning_rate=5e-4 --set losses.beta1=0.5 --set losses.beta2=0.99 --set losses.discriminator_floor=1.0
     --set train.precision=fp32"
# Memory that is given back to the system after each step costs as much as the step itself (glibc).
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=500000000

. "$(dirname "$0")/resumable.sh"

one() { # NAME OPTIONS…
    name=$1
    shift
    resumable psgan "$runs/$name" --data "$store" "$@"
}

for generator in keypoint heatmap; do
    recipe="--recipe $here/keypoint-action.toml"
    if [ $generator = heatmap ]; then recipe="--recipe $here/paper-action.toml $cut"; fi
    one $generator-gru $recipe
    one $generator-none $recipe --set model.recurrent=none
    one $generator-lstm $recipe --set model.recurrent=lstm
    one $generator-l1 $recipe --set losses.adversarial=0
done
