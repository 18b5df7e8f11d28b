#!/bin/sh
# Builds the two clip stores that the bundled `action` weights were trained on, and one for Table 5.
#
#   train/prepare-action.sh DATA OUTPUT
#
# DATA holds the public data sets, one folder each, as named below. OUTPUT/motion gets the poses for
# stage one (a minute), OUTPUT/frames the pictures for stage two (a quarter of an hour on two cores),
# OUTPUT/weizmann those of the Weizmann videos alone, for the paper's stage two (table-5.sh); stage one
# learns from their poses, too.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: $0 DATA OUTPUT" >&2
    exit 2
fi
data=$1
output=$2

add() { # STORE KIND FOLDER
    pgvgen train prepare "$data/$3" --kind "$2" -o "$output/$1"
}

for store in motion frames weizmann; do
    if [ -e "$output/$store" ]; then
        echo "$output/$store exists: remove it or name another OUTPUT" >&2
        exit 1
    fi
done

add motion bvh bandai-namco
add motion bvh bvh/animated-drawings
add motion bvh bvh/cmu-dance-martial
add motion deepmimic deepmimic
add motion penn penn-action
add motion jhmdb jhmdb

add frames weizmann weizmann-strips
add frames pairs exercise-pairs/full-body
add frames pairs exercise-pairs/partial
add weizmann weizmann weizmann-strips
pgvgen train prepare "$output/weizmann" --kind store -o "$output/motion"

# Stage one's own predictions for the videos' actions: the P̂ that stage two learns from.
for store in frames weizmann; do
    pgvgen train predict --data "$output/$store"
done
