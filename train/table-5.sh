#!/bin/sh
# Trains what Table 5 compares, and prints it: the paper's generator on both pose streams (SCGAN), on
# one (SCGAN-gen, SCGAN-gt), without D_which, and without the shared convolution. Each differs from
# SCGAN in one key. Finished runs are skipped, begun ones resumed.
#
#   train/table-5.sh STORE RUNS [RECIPE]
#
# STORE has been through `pgvgen train predict`. RECIPE is painted-action.toml by default, an hour and
# a half of one CPU core in all; on a GPU paper-action.toml.
set -eu

if [ $# -lt 2 ]; then
    echo "usage: $0 STORE RUNS [RECIPE]" >&2
    exit 2
fi
store=$1
runs=$2
recipe=${3:-$(dirname "$0")/painted-action.toml}

. "$(dirname "$0")/resumable.sh"

one() { # NAME OPTIONS…
    name=$1
    shift
    resumable scgan "$runs/$name" --data "$store" --recipe "$recipe" "$@"
}

one both
one gen --set losses.streams=predicted
one gt --set losses.streams=true
one no-which --set losses.which=false
one no-shared --set model.shared=false

pgvgen eval render --table --data "$store" --weights action \
    --weights SCGAN-gen="$runs/gen/release" --weights SCGAN-gt="$runs/gt/release" \
    --weights SCGAN="$runs/both/release" --weights "without D_which=$runs/no-which/release" \
    --weights "without sharing=$runs/no-shared/release"
