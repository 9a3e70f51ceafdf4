# SPDX-License-Identifier: MIT
# awk -f kernel_bench.awk BUDGETS QEMU_CONSOLE RINGCHECK_CONSOLE: the table.
# Ends with 1 when a row that was measured misses what it must reach, or was counted differently by the two.
FNR == 1 { ++file }
file == 1 && /^[a-z]/ { order[++rows] = $1; linux[$1] = $2; tuned[$1] = $3; xv6[$1] = $4; must[$1] = $5; aim[$1] = $6 }
file == 1 { next }
/^eldarin> run ringbench/ { inside = 1; next }
/^# end/ { ended[file] = 1; inside = 0 }
inside && /^[a-z]/ { $2 == "n/a" ? refused[$1] = $3 : count[file, $1] = $2 }
inside && /^cal_/ && file == 2 { order[++rows] = $1 }

function shown(value) { return value == "" ? "-" : value }

END {
    if (!ended[2] || !ended[3]) {
        print "ringbench did not come to its end " (ended[2] ? "in ringcheck" : "in QEMU")
        exit 1
    }
    printf "%-21s %8s %9s %8s %8s %8s %8s %8s\n", "instructions", "QEMU", "ringcheck", "Linux", "tuned", "xv6", "must", "aim"
    for (i = 1; i <= rows; ++i) {
        row = order[i]
        here = count[2, row]
        there = count[3, row]
        verdict = ""
        if (here != there) {
            verdict = "COUNTED DIFFERENTLY"
            ++differ
        } else if (here == "") {
            verdict = "n/a: errno " refused[row]
        } else if (must[row] != "") {
            ++measured
            verdict = here <= aim[row] + 0 ? "aim reached" : here <= must[row] + 0 ? "must reached" : "MISSED"
            missed += verdict == "MISSED"
        }
        line = sprintf("%-21s %8s %9s %8s %8s %8s %8s %8s  %s", row, shown(here), shown(there), shown(linux[row]),
                       shown(tuned[row]), shown(xv6[row]), shown(must[row]), shown(aim[row]), verdict)
        sub(/ +$/, "", line)
        print line
    }
    printf "%d rows measured, %d miss what they must reach, %d counted differently\n", measured, missed, differ
    exit (missed + differ > 0 || measured == 0)
}
