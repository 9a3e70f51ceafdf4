# SPDX-License-Identifier: MIT
# A copy of the kernel that can be broken on purpose; for the scripts that ask who notices. They set tree, the source
# tree, and work, a folder that one of them at a time uses; the kernel is then $work/build/aethelos.elf. What the last of
# them has built there is not built again.

# A file that is not as it should be gets the time of now: one that was mended with its old time would look as if it was
# built already.
prepare_kernel() {
    mkdir -p "$work/kernel"
    (cd "$work/kernel" && find . -type f) | while IFS= read -r file; do
        cmp -s "$tree/kernel/$file" "$work/kernel/$file" || rm "$work/kernel/$file"
    done
    (cd "$tree/kernel" && find . -type f) | while IFS= read -r file; do
        if [[ ! -e $work/kernel/$file ]]; then
            mkdir -p "$work/kernel/${file%/*}"
            cp "$tree/kernel/$file" "$work/kernel/$file"
        fi
    done
    cmake -G Ninja -S "$tree/tests/mutants" -B "$work/build" -DKERNEL="$work/kernel" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
        -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_ASM_COMPILER=clang-19 >"$work/log" 2>&1 ||
        { cat "$work/log" >&2; exit 1; }
}

build() { # WHAT
    if ! ninja -C "$work/build" aethelos >"$work/log" 2>&1; then
        echo "$1: does not build:" >&2
        tail -n 20 "$work/log" >&2
        exit 1
    fi
}

# Changes FILE of the copy by SED_SCRIPT, and builds.
break_kernel() { # NAME FILE SED_SCRIPT
    sed -E "$3" "$tree/kernel/$2" >"$work/kernel/$2"
    if cmp -s "$tree/kernel/$2" "$work/kernel/$2"; then
        echo "$1: the change no longer applies to kernel/$2" >&2
        exit 1
    fi
    build "$1"
}

mend_kernel() { # FILE
    cp "$tree/kernel/$1" "$work/kernel/$1"
}
