# Sourced by the scripts beside it: a training that is skipped if it is done and resumed if it was begun.

resumable() { # STAGE RUN OPTIONS…
    stage=$1
    run=$2
    shift 2
    if [ -e "$run/done" ]; then return; fi
    resume=
    if [ -e "$run/checkpoint.pt" ]; then resume=--resume; fi
    pgvgen train "$stage" "$@" -o "$run" $resume
    touch "$run/done"
}
