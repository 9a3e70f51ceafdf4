#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# short_run.sh TARGET RUNS [CORPUS...]: the same RUNS inputs each time; what is found stays nowhere.
set -euo pipefail
target=$1 runs=$2
shift 2
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
"$target" -seed=1 -runs="$runs" -timeout=30 -len_control=0 -artifact_prefix="$found/" -print_final_stats=1 "$found" "$@"
