#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# snapshot_test.sh RINGCHECK KERNEL INITRD: a run from a snapshot shows what the rest of the run showed that made it,
# and whatever is wrong with a snapshot is one clear line and exit status 2.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

# rest COUNT: of a run's JSON lines, the console and what happened from COUNT on.
rest() {
    awk -v from="$1" -F'"count":' '/"type":"(transition|exit)"/ { split($2, n, /[,}]/); if (n[1] + 0 < from) next }
        !/"type":"summary"/'
}

for cpu in intel amd; do
    expect 0 run aethelos.elf --cpu "$cpu" --program hello --all --json
    mv out whole
    end=$(sed -n 's/.*"type":"summary","instructions":\([0-9]*\).*/\1/p' whole)
    expect 0 run aethelos.elf --cpu "$cpu" --program hello --all --json --save-at "$((end / 3)):early" \
        --save-at enter_user:middle --save-at "$((end - 20000)):late"
    cmp -s whole out || complain "saving changes the run: $(cmp whole out)"
    for snapshot in early middle late; do
        for mode in "" --step; do
            expect 0 run aethelos.elf --cpu "$cpu" $mode --from "$snapshot" --all --json
            from=$((end / 3))
            [[ $snapshot != late ]] || from=$((end - 20000))
            [[ $snapshot != middle ]] ||
                from=$(sed -n 's/.*"type":"transition","count":\([0-9]*\).*/\1/p' out | head -n 1)
            rest "$from" <whole >expected
            rest "$from" <out >actual
            [[ $(wc -l <actual) -ge 5 ]] || complain "nothing happens after $snapshot"
            cmp -s expected actual || complain "$cpu, $snapshot $mode: $(diff expected actual | head -n 4)"
        done
    done
done

# Whoever saves at the prompt can have each program run from there.
expect 0 run aethelos.elf --save-at kernel::LineEditor::read:prompt
refused "brings files is replayed from a boot of its own" replay aethelos.elf --from prompt "$traces/cat_files.trace"
mapfile -t without_files < <(grep -L '^file' "$traces"/*.trace)
expect 0 replay aethelos.elf --from prompt "${without_files[@]}"
expect 0 run aethelos.elf --from prompt --program hello
expect 0 explain aethelos.elf --from prompt --program read_kernel
grep -q "rule      page-supervisor-only: " out || complain "the fault has no rule: $(head -n 9 out)"

expect 1 run aethelos.elf --program hello --save-at 999999999:never
grep -qF -- "--save-at 999999999:never: nothing was saved, for the run ended after" err ||
    complain "that nothing was saved is not told: $(cat err)"
[[ ! -e never ]] || complain "a snapshot of never"

echo "hello there" >text
head -c 3000 early >cut
{ cat early; echo; } >longer
{ head -c 5000 early; printf '\xa5\x5a'; tail -c +5003 early; } >damaged
{ head -c 8 early; printf '\x09'; tail -c +10 early; } >version
{ cat aethelos.elf; echo; } >other.elf
{ cat initrd.cpio; echo; } >other.cpio
amd=(run aethelos.elf --cpu amd)
refused "text: this is not a snapshot of ringcheck" "${amd[@]}" --from text
refused "cut: this snapshot is damaged: it has 3000 bytes of" "${amd[@]}" --from cut
refused "longer: this snapshot is damaged: it has" "${amd[@]}" --from longer
refused "damaged: this snapshot is damaged: its section" "${amd[@]}" --from damaged
refused "version: this snapshot is of format version 9, and this ringcheck reads version 6" "${amd[@]}" --from version
refused "nosuch: the snapshot cannot be read: No such file" "${amd[@]}" --from nosuch
refused "early: this snapshot was made with another kernel, aethelos.elf (" run other.elf --cpu amd --from early
refused "early: this snapshot was made with another initrd, initrd.cpio (" "${amd[@]}" --initrd other.cpio --from early
refused "early: this snapshot was made with --ram 64M --cpu amd, and this machine is one with --ram 64M --cpu intel" \
    run aethelos.elf --from early
refused "was made with --ram 64M --cpu amd, and this machine is one with --ram 64M --cpu amd,-smap" \
    run aethelos.elf --cpu amd,-smap --from early
refused "and this machine is one with --ram 32M --cpu amd" "${amd[@]}" --ram 32M --from early
refused "--append" "${amd[@]}" --from early --append text
refused "--at 5: late begins at instruction" explain aethelos.elf --cpu amd --from late --at 5
refused "--save-at 5: say when and where" "${amd[@]}" --save-at 5
refused "--save-at nobody:file: the kernel has no symbol nobody" "${amd[@]}" --save-at nobody:file
refused "--save-at 0:file: a count is" "${amd[@]}" --save-at 0:file
refused "--save-at 5:file: the run begins at instruction" "${amd[@]}" --from late --save-at 5:file

expect 2 run aethelos.elf --save-at 20000:missing/file
grep -q "missing/file: the snapshot cannot be written: No such file or directory" err || complain "not: $(cat err)"
[[ $(find . -name '*.partial' | wc -l) -eq 0 ]] || complain "a partial file is left"

conclude
