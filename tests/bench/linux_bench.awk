# SPDX-License-Identifier: MIT
# awk -f linux_bench.awk BUDGETS AETHELOS LINUX TUNED: ringbench's consoles as one table, in the order of BUDGETS.
# Ends with 1 when a row is above what it must reach, or was not measured.
FNR == 1 { ++file }
file == 1 && /^[a-z]/ { order[++rows] = $1; must[$1] = $5; aim[$1] = $6 }
file == 1 { next }
{ sub(/\r$/, "") }
/^# end/ { ended[file] = 1 }
/^[a-z][a-z0-9_]* (n\/a|[0-9]+) / { value[file, $1] = $2; reason[file, $1] = $2 == "n/a" ? $3 : "" }

function shown(text) { return text == "" ? "-" : text }

END {
    if (!ended[2] || !ended[3] || !ended[4]) {
        print "ringbench did not come to its end on " (!ended[2] ? "AethelOS" : "Linux")
        exit 1
    }
    printf "%-21s %9s %9s %9s %8s %8s %8s\n", "instructions", "AethelOS", "Linux", "tuned", "of tuned", "must", "aim"
    for (i = 1; i <= rows; ++i) {
        row = order[i]
        here = value[2, row]
        ratio = ""
        if (here !~ /^[0-9]/) {
            verdict = "MISSING" (reason[2, row] == "" ? "" : ": errno " reason[2, row])
            ++missed
        } else {
            ratio = value[4, row] + 0 > 0 ? sprintf("%.2f", here / value[4, row]) : ""
            verdict = here <= aim[row] + 0 ? "aim reached" : here <= must[row] + 0 ? "must reached" : "MISSED"
            aims += verdict == "aim reached"
            missed += verdict == "MISSED"
            beaten += value[4, row] + 0 > here + 0
        }
        printf "%-21s %9s %9s %9s %8s %8s %8s  %s\n", row, shown(here), shown(value[3, row]), shown(value[4, row]),
               shown(ratio), must[row], aim[row], verdict
    }
    printf "%d rows: %d at their aim, %d above what they must reach, %d cheaper than on the tuned Linux\n", rows, aims,
           missed, beaten
    exit missed > 0
}
