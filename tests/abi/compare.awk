# SPDX-License-Identifier: MIT
#
# compare.awk COMMANDS LINUX AETHELOS: holds what driver.c says on one system against what it says on the other, command
# line by command line, and prints what passes by class and the first difference of each that does not.  A line that
# begins with ~ in COMMANDS is known to be different, for the reason in the comment above it.
# Exit status: 0 all the same but for those, 1 otherwise.

FNR == 1 { ++file; number = 0 }
{ sub(/\r$/, "") }

file == 1 && /^# class / { class = $3; classes[++class_count] = class; next }
file == 1 && (/^#/ || /^link / || !NF) { next }
file == 1 {
    known = sub(/^~ */, "")
    order[++count] = $0
    class_of[$0] = class
    is_known[$0] = known
    ++total[class]
    next
}

/^abi: begin / { inside = 1; command = ""; next }
!/^abi: / { next }
{ sub(/^abi: /, "") }
inside && command == "" && sub(/^command /, "") { command = $0; began[file, command] = 1; next }
/^end / && inside { ended[file, command] = 1; inside = 0; next }
inside { lines[file, command, ++size[file, command]] = $0 }
/^(usage|no link)/ && !told[file]++ { print "      " (file == 2 ? "Linux" : "AethelOS") ": " $0 }

# The first line in which they differ; 0: none.
function first_difference(command,    i, most)
{
    most = size[2, command] > size[3, command] ? size[2, command] : size[3, command]
    for (i = 1; i <= most; ++i) {
        if (lines[2, command, i] != lines[3, command, i] || (i > size[2, command]) != (i > size[3, command])) {
            return i
        }
    }
    return 0
}
function shown(where, command, i)
{
    return i > size[where, command] ? "(nothing more)" : substr(lines[where, command, i], 1, 160)
}

END {
    for (n = 1; n <= count; ++n) {
        command = order[n]
        at = first_difference(command)
        if (ended[2, command] && ended[3, command] && at == 0) {
            ++passed
            ++class_passed[class_of[command]]
            if (is_known[command]) {
                print "note  " command "\n      is the same now: take its ~ away"
            }
            continue
        }
        if (is_known[command]) {
            ++known_different
        } else {
            ++failed
        }
        print (is_known[command] ? "known" : "FAIL ") " " command
        if (!ended[2, command]) {
            print "      Linux     " (began[2, command] ? "did not come to its end" : "did not run it")
        } else if (!ended[3, command]) {
            print "      AethelOS  " (began[3, command] ? "ended while it ran" : "did not run it")
        } else {
            print "      Linux     " shown(2, command, at)
            print "      AethelOS  " shown(3, command, at)
            if (at == 1 && size[3, command] > 1) {
                for (i = 2; i <= size[3, command] && i <= 3; ++i) {
                    print "                " shown(3, command, i)
                }
            }
        }
    }
    for (n = 1; n <= class_count; ++n) {
        class = classes[n]
        if (total[class] == 0) {
            continue
        }
        printf "%-16s %3d of %3d\n", class, class_passed[class], total[class]
    }
    printf "%d of %d command lines do the same on Linux and on AethelOS", passed, count
    print known_different ? ", " known_different " are known to differ" : ""
    exit failed != 0
}
