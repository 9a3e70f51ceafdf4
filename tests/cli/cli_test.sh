#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# cli_test.sh RINGCHECK KERNEL INITRD: what ringcheck says and how it ends: each bad input is one clear line and exit
# status 2, a difference is exit status 1, and the same run gives the same bytes.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/expect.sh"

echo "hello there" >text
head -c 3000 aethelos.elf >cut.elf
{ head -c 4 aethelos.elf; printf '\x01'; tail -c +6 aethelos.elf; } >elf32
head -c 60 "$traces/hello.trace" >cut.trace
grep -v '^exit' "$traces/hello.trace" >endless.trace
sed 's/Ring 3/Ring 0/' "$traces/hello.trace" >changed.trace
sed 's/^program .*/program nobody/' "$traces/hello.trace" >nobody.trace

refused "a command is missing"
refused "there is no command 'bogus'" bogus
refused "kernel is required" run
refused "--bogus" run aethelos.elf --bogus
refused "extra" run aethelos.elf extra
refused "nosuch.elf: No such file or directory" run nosuch.elf
refused "text: not an ELF file" run text
refused "elf32: a 32-bit ELF" run elf32
refused "cut.elf: truncated" run cut.elf
refused ".: Is a directory" run .
refused "there is no program 'nobody'; it has" run aethelos.elf --program nobody
refused "--ram: a size is" run aethelos.elf --ram many
refused "7340032 bytes of RAM" run aethelos.elf --ram 7M
refused "--cpu: there is no CPU 'z80'; there are intel and amd" run aethelos.elf --cpu z80
refused "--cpu: there is no CPU feature 'warp'; there are de pse" run aethelos.elf --cpu intel,+warp
refused "--cpu: the engine has no 'avx'" run aethelos.elf --cpu amd,+avx
refused "--cpu: the engine cannot do without 'sse2'" run aethelos.elf --cpu intel,-sse2
expect 0 run --cpu help
grep -q '^smap  *yes  *yes  *CR4.SMAP, CLAC, STAC$' out || complain "--cpu help does not list smap: $(head -n 2 out)"
expect 0 run aethelos.elf --cpu intel,-smap,-smep,-umip --program hello
grep -q 'Hello from user space' out || complain "hello does not run without SMAP, SMEP and UMIP"
expect 1 run aethelos.elf --cpu intel,-nx
grep -q 'AethelOS needs a 64-bit CPU with NX' out || complain "the kernel does not see that NX is missing"
refused "a count is a whole number" run aethelos.elf --stop-at -3
refused "--protocol: " run aethelos.elf --protocol bios
refused "aethelos.elf: no Multiboot1 header in the first 8192 bytes" run aethelos.elf --protocol multiboot1
refused "nosuch.module: No such file or directory" run aethelos.elf --module nosuch.module,text
refused "text: entry at byte 0x0: not a cpio archive" run aethelos.elf --initrd text
refused "nosuch.cpio: No such file or directory" run aethelos.elf --initrd nosuch.cpio
refused "cut.trace:4:" replay aethelos.elf cut.trace
refused "endless.trace:5:1: error: the trace has no exit line" replay aethelos.elf endless.trace
refused "text:1:1: error: not a trace" replay aethelos.elf text
refused "nosuch.trace: error: cannot be opened" replay aethelos.elf nosuch.trace
refused "say in whose words: --strace is the only choice" export "$traces/hello.trace"
refused "cut.trace:4:" export --strace cut.trace
expect 0 export --strace "$traces/hello.trace"
grep -q '^write(1, "Hello from user space! (Ring 3)\\n", 32)  *= 32$' out || complain "export does not print hello as strace would: $(cat out)"
expect 0 export --strace "$traces/hello.trace" -o hello.strace
[[ ! -s out && $(tail -n 1 hello.strace) == "+++ exited with 0 +++" ]] || complain "export -o does not write the file"
sed 's/^enter/environment "A=a b"\nenter/' "$traces/hello.trace" >blank.trace
refused "blank.trace:2: error: A=a b cannot be typed at a prompt" replay aethelos.elf blank.trace
sed "s/^enter/input \"$(printf 'x%.0s' {1..1024})\"\nenter/" "$traces/hello.trace" >endless_input.trace
refused "endless_input.trace:2: error: 1034 characters are typed for the program, its own line counted: the guest keeps 1024" replay aethelos.elf endless_input.trace
refused "--file takes NAME=PATH, not 'text'" record aethelos.elf --program cat --file text
refused "nosuch: cannot be opened" record aethelos.elf --program cat --file name=nosuch
refused "a variable is NAME=value" record aethelos.elf --program cat --environment "1=2"
expect 0 record aethelos.elf --program cat --argument text --file text=text -o text.trace
grep -q '^file "text" "hello there\\n"$' text.trace || complain "record does not write down the file: $(cat text.trace)"
expect 0 replay aethelos.elf text.trace
sed 's/^file.*/file "text" "good bye\\n"/' text.trace >other.trace
expect 1 replay aethelos.elf other.trace
refused "nobody.trace: error: initrd.cpio: there is no program 'nobody'" replay aethelos.elf nobody.trace
refused "a count is a whole number" explain aethelos.elf --at 0
refused "--at excludes --last-exception" explain aethelos.elf --at 5 --last-exception
refused "there is no program 'nobody'; it has" explain aethelos.elf --program nobody
refused "traces is required" replay aethelos.elf
refused "--at: a count is '#' and a whole number" step aethelos.elf --at '#12x'
refused "--at: an address is 0x and hexadecimal digits" step aethelos.elf --at 0xfg
refused "--at: the kernel has no symbol 'nosuch'" step aethelos.elf --at nosuch
refused "--at: program 'hello' has no symbol 'nosuch'" step aethelos.elf --at hello:nosuch
refused "there is no program 'nobody'; it has" step aethelos.elf --at nobody:main
refused "a count is a whole number" step aethelos.elf --count 0
refused "a count is a whole number" step aethelos.elf --hits many
refused "--count excludes --all" step aethelos.elf --all --count 5
refused "missing/log: cannot be written" step aethelos.elf --log missing/log
refused "there is no program 'nobody'; it has" check aethelos.elf --program nobody
refused "cut.trace:4:" check aethelos.elf cut.trace
refused "--tap excludes --json" check aethelos.elf --tap --json
refused "missing/out.xml: cannot be written: No such file or directory" check aethelos.elf --junit missing/out.xml
refused ".: cannot be written: Is a directory" check aethelos.elf --junit .
refused "--progress: " run aethelos.elf --progress sometimes
refused "shell is required" completion
refused "shell: " completion tcsh
refused "missing/hello.trace: cannot be written" record aethelos.elf --program hello -o missing/hello.trace
refused "nosuch.log: error: cannot be opened" compare aethelos.elf --log nosuch.log "$traces/hello.trace"
refused "text:1:1: error: the thread's number is missing here" compare aethelos.elf --log text "$traces/hello.trace"

refused "kernel: the name of a file is empty" run ""
refused "traces: the name of a file is empty" replay aethelos.elf ""
refused "traces: the name of a file is empty" check aethelos.elf ""

# A full disk is not a success.
for command in "rules" "--help" "run aethelos.elf --program hello" "record aethelos.elf --program hello"; do
    status=0
    "$ringcheck" $command >/dev/full 2>err </dev/null || status=$?
    [[ $status -eq 2 ]] && grep -q "the output could not be written: No space left on device" err ||
        complain "ringcheck $command >/dev/full: exit status $status, $(cat err)"
done

expect 0 --help
expect 0 --version
for command in run record replay compare explain step check rules schema completion manual describe; do
    expect 0 "$command" --help
done

expect 0 run aethelos.elf --program hello --all --json
mv out first
expect 0 run aethelos.elf --program hello --all --json
cmp -s first out || complain "two runs differ: $(cmp first out)"

# Whoever starts the kernel, the program does the same: all but the instructions before it agrees.
expect 0 run aethelos.elf --program hello
sed -n '/^transitions of/,/^$/s/^[0-9]* *//p' out >by_pvh
expect 0 run aethelos.elf --program hello --protocol multiboot2 --module text,more --append "x y"
sed -n '/^transitions of/,/^$/s/^[0-9]* *//p' out >by_multiboot2
[[ $(wc -l <by_pvh) -ge 5 ]] || complain "there are no transitions of hello"
cmp -s by_pvh by_multiboot2 || complain "hello differs by protocol: $(diff by_pvh by_multiboot2 | head -n 3)"

expect 0 record aethelos.elf --program hello --seal -o hello.trace
cmp -s hello.trace "$traces/hello.trace" || complain "the recording is not traces/hello.trace"
[[ $(find . -name '*.partial' | wc -l) -eq 0 ]] || complain "record left a partial file"
expect 0 replay aethelos.elf "$traces"/*.trace "$traces"/injected/*.trace
expect 1 replay aethelos.elf changed.trace "$traces/hello.trace"
grep -q "^changed.trace:4: error: syscall differs from the recording" err || complain "the difference has no place"
grep -A 2 '^the transition$' err | grep -q 'SYSCALL *3→0 *hello:main' || complain "the difference has no transition: $(cat err)"
grep -q "^1 of 2 traces pass" out || complain "the other trace did not run"
sed 's/at main+0x20$/at main+0x21/' "$traces/read_kernel.trace" >elsewhere.trace
expect 1 replay aethelos.elf elsewhere.trace
grep -q 'page-supervisor-only' err || complain "the exception behind a difference is not explained: $(cat err)"
expect 0 check aethelos.elf "$traces/cat_files.trace"

# What comes from outside and what children do.
expect 0 replay aethelos.elf "$traces/hello.trace"
grep -q "4 events, 6 crossings" out || complain "hello crosses otherwise: $(cat out)"
expect 0 replay aethelos.elf "$traces/hello_interrupted.trace"
grep -q "7 events, 12 crossings" out || complain "the events do not come to hello: $(cat out)"
expect 0 record aethelos.elf --program hello --inject "nmi at main" --inject "interrupt 32 at main" --inject "nmi at main"
cmp -s out <(grep -vE '^# A |^seal' "$traces/hello_interrupted.trace") || complain "record --inject does not record hello_interrupted"
sed 's/nmi at main/nmi at main+0x1000/' "$traces/hello_interrupted.trace" >nowhere.trace
expect 1 replay aethelos.elf nowhere.trace
grep -q "^nowhere.trace:5: error: the program did not come to main+0x1000 before its next event" err ||
    complain "an event that never came is not told of: $(cat err)"
expect 1 record aethelos.elf --program hello --inject "nmi at main+0x1000"
grep -q "hello did not come to the place of 'nmi at main+0x1000'" err || complain "record --inject is silent: $(cat err)"
refused "hello has no mian" record aethelos.elf --program hello --inject "nmi at mian"
refused "--inject smi at main: 'interrupt', 'nmi' or 'machine_check' is missing here" record aethelos.elf --program hello --inject "smi at main"
sed 's/at main/at mian/' "$traces/hello_interrupted.trace" >mian.trace
refused "mian.trace:5: error: hello has no mian" replay aethelos.elf mian.trace
expect 0 record aethelos.elf --program pie --inject "nmi at main"
grep -q "^inject   nmi at main$" out || complain "nothing comes to a program that the kernel moves: $(cat out)"
expect 0 record aethelos.elf --program processes --children
"$ringcheck" trace seal out >/dev/null
cmp -s out "$traces/processes.trace" || complain "record --children does not record processes: $(diff out "$traces/processes.trace")"
sed '/^child/,$s/SIGTERM/SIGKILL/' "$traces/processes.trace" >family.trace
expect 1 replay aethelos.elf family.trace
grep -q "expected  killed by SIGKILL" err || complain "a child's end is not compared: $(cat err)"
expect 0 replay --update aethelos.elf family.trace
cmp -s family.trace "$traces/processes.trace" || complain "--update does not write what a child did"

# A kernel's log has children, and nothing of switches or of what came from outside.
printf '%s\n' "7 enter processes 0x1000" "7 syscall fork() = 8" "8 start processes" "8 exit processes killed by SIGKILL" \
    "7 exit processes status 0" >family.log
printf '%s\n' "# ringcheck trace 1" "program processes" "follow children switches" "enter NULL+0x1000" "switch kernel" \
    "syscall fork() = PID+0x1" "inject nmi at main" "exit status 0" "child PID+0x1" "switch PID" "exit killed by SIGKILL" >log.trace
expect 0 compare aethelos.elf --log family.log log.trace
sed '/^child/,$d;/^follow/d;/^switch/d' log.trace >alone.trace
expect 0 compare aethelos.elf --log family.log alone.trace
sed -i 's/SIGKILL/SIGTERM/' log.trace
expect 1 compare aethelos.elf --log family.log log.trace
grep -q "^log.trace:11: error: exit differs from the recording" err || complain "a child is not compared with the log: $(cat err)"
expect 0 record aethelos.elf --program nap --switches
"$ringcheck" trace seal out >/dev/null
cmp -s out "$traces/nap.trace" || complain "record --switches does not record nap: $(diff out "$traces/nap.trace")"
sed 's/^switch .*/switch   other/' "$traces/nap.trace" >nap.trace
expect 1 replay aethelos.elf nap.trace
grep -q "expected  other" err || complain "a switch is not compared: $(cat err)"

expect 1 run aethelos.elf --type help # nobody types poweroff
grep -q "waits     for a line at its prompt" err || complain "the hang is not explained: $(head -n 9 err)"
expect 0 run aethelos.elf --program hello --stop-at 60000
grep -q "stopped   after 60000 instructions" out || complain "--stop-at does not stop there"

expect 0 explain aethelos.elf --program read_kernel
grep -q "rule      page-supervisor-only: " out || complain "the fault has no rule: $(head -n 9 out)"
grep -q "source    .*userprogs/hostile/read_kernel/main.cpp:[0-9]* in main" out || complain "the fault has no line"
expect 0 explain aethelos.elf --program read_kernel --json
grep -q '^{"schema":"ringcheck/1","type":"explanation",' out || complain "--json is no explanation: $(head -c 99 out)"
[[ ! -s err ]] || complain "a fault that ended its program is called served: $(cat err)"
# What ended a program is asked for, not what was served after it.
expect 0 explain aethelos.elf --type "run read_kernel" --type "run heap"
grep -q "source    .*userprogs/hostile/read_kernel/main.cpp:[0-9]* in main" out || complain "not its fault: $(head -n 9 out)"
expect 0 explain aethelos.elf --program heap
grep -q "note: every exception was served and ended nothing; this is the last of them" err || complain "served: $(cat err)"
expect 1 explain aethelos.elf --type poweroff
grep -q "there was no exception" err || complain "a run without exceptions is not told of: $(cat err)"
expect 1 explain aethelos.elf --at 1
grep -q "nothing crossed or was raised at instruction 1" err || complain "an empty count is not told of: $(cat err)"

expect 1 step aethelos.elf --at hello:main
grep -q "hello:main was not reached; .*; --program hello would run hello$" err || complain "no next step: $(cat err)"

conclude
