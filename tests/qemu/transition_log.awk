# SPDX-License-Identifier: MIT
#
# Transitions out of what a machine says of itself, in the lines that transition_log.sh promises.
#   machine=qemu       one line an instruction, of -d exec; `kernel` is the kernel's disassembly
#   machine=ringcheck  the objects of `ringcheck run --json`
#
# A tick of the timer that nothing follows from, its vector and the IRETQ right behind it, is left out: the counters of
# the two machines do not begin to count in the same nanosecond.  The last line is "end".

BEGIN {
    timer = "vector_32"
    while (machine == "qemu" && (getline line < kernel) > 0) {
        sub(/^ +/, "", line)
        split(line, word, /[ \t:<>]+/)
        if (line ~ /^[0-9a-f]+ <vector_[0-9]+>:/) {
            entry[word[1]] = word[2]
        } else if (line ~ /^[0-9a-f]+ <iretq_to_user>:/) {
            to_ring3[word[1]] = 1
        } else if (line ~ /\t(iretq|sysretq)/) {
            leaves[word[1]] = toupper(word[2])
            if (line ~ /sysretq/) {
                to_ring3[word[1]] = 1
            }
        } else if (line ~ /, %cr3/) {
            leaves[word[1]] = "MOV_CR3"
        }
    }
}

# What waits for what comes behind it: a return, then perhaps a tick.
function print_held(address) {
    if (held_return != "") {
        print held_return, address
        held_return = ""
    }
}

# @param address  "?": something came before the first instruction there, and QEMU does not say where that would be
function transition(kind, from, to, address) {
    in_ring3 = in_ring3 || to == 3
    if (!in_ring3) {
        return
    }
    if (tick != "") {
        if (kind == "IRETQ") { # which goes where the return right before the tick went
            print_held(held_address == "?" ? address : held_address)
            tick = ""
            return
        }
        print_held(held_address)
        print tick
        tick = ""
    }
    if (kind == timer) {
        tick = kind " " from ">" to " " address
        return
    }
    print_held(held_address)
    if (kind == "IRETQ" || kind == "SYSRETQ") {
        held_return = kind " " from ">" to
        held_address = address
    } else {
        print kind, from ">" to, address
    }
}

# The instruction at `address` has been executed in `ring`, or has faulted.
function execute() {
    if (address in entry && last_address in to_ring3) { # an interrupt right behind it
        transition(leaves[last_address], last_ring, 3, "?")
        last_ring = 3
    }
    if (address in entry) {
        transition(entry[address], last_ring, ring, address)
    } else if (last_address in leaves) {
        transition(leaves[last_address], last_ring, ring, address)
    } else if (last_ring == 3 && ring == 0) {
        transition("SYSCALL", last_ring, ring, address)
    }
    last_address = address
    last_ring = ring
}

# "Trace 0: 0x7fa094403a40 [0000000000000000/ffffffff801038b0/0000c290/ff020201] NAME": the second word in brackets is
# RIP, the two lowest bits of the third CPL. "Stopped" says that the instruction was not executed after all.
machine == "qemu" && /^Stopped/ { waiting = 0 }
machine == "qemu" && /^Trace/ {
    if (waiting) {
        execute()
    }
    split($0, word, "[[/ ]+")
    address = word[5]
    ring = index("37bf", substr(word[6], 8, 1)) > 0 ? 3 : 0
    waiting = 1
}

function field(name, text) {
    text = $0
    sub(".*\"" name "\":\"?", "", text)
    sub(/["},].*/, "", text)
    return text
}

machine == "ringcheck" && /"type":"transition"/ {
    kind = field("kind")
    vector = field("vector")
    kind = vector == "null" ? kind : "vector_" vector
    sub(" ", "_", kind)
    from = field("from\":{\"cpl")
    to = field("to\":{\"cpl")
    sub(/.*"to":/, "")
    address = substr("0000000000000000" substr(field("rip"), 3), length(field("rip")) - 1)
    transition(kind, from, to, address)
}

END {
    if (waiting) {
        execute()
    }
    transition("end", 0, 0, "")
}
