#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# programs.sh FOLDER: brings programs of other people, unmodified and static, into FOLDER/bin, once: Debian's packages,
# downloaded by apt and unpacked, never installed, and Lua and SQLite built with musl from Debian's sources.  What cannot
# be had is told and left out; exit status 77 when that is everything.
set -euo pipefail

folder=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
readonly root
readonly packages=(busybox-static bash-static mksh klibc-utils libklibc zsh-static sash tini catatonit
    coreutils dash libc6 libselinux1 libpcre2-8-0)

# Where each program is in its package, and what it is called here.
readonly places=(
    busybox=bin/busybox bash=bin/bash-static zsh=bin/zsh-static sash=bin/sash mksh-klibc=usr/lib/klibc/bin/mksh
    mksh-musl=usr/lib/x86_64-linux-musl/bin/mksh mksh-diet=usr/lib/diet/bin/mksh klibc-sh=usr/lib/klibc/bin/sh
    klibc-cat=usr/lib/klibc/bin/cat klibc-true=usr/lib/klibc/bin/true klibc-uname=usr/lib/klibc/bin/uname
    gnu-true=bin/true gnu-echo=bin/echo gnu-ls=bin/ls gnu-cat=bin/cat gnu-sort=usr/bin/sort gnu-env=usr/bin/env dash=bin/dash
    tini=usr/bin/tini-static catatonit=usr/bin/catatonit
    klibc-mkdir=usr/lib/klibc/bin/mkdir klibc-ln=usr/lib/klibc/bin/ln klibc-dd=usr/lib/klibc/bin/dd
)

skip() {
    echo "abi: SKIPPED: $1" >&2
}

apt() {
    apt-get -q -o APT::Sandbox::User=root -o Debug::NoLocking=1 "$@" >>"$folder/apt.log" 2>&1
}

# The C library of Debian, its loader, and what else its ls asks for, where programs look for them.
copy_shared_libraries() {
    local name
    mkdir -p "$folder/lib64" "$folder/lib/x86_64-linux-gnu"
    cp -L "$folder/unpacked/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" "$folder/lib64" || return
    for name in lib/x86_64-linux-gnu/libc.so.6 lib/x86_64-linux-gnu/libselinux.so.1 usr/lib/x86_64-linux-gnu/libpcre2-8.so.0; do
        cp -L "$folder/unpacked/$name" "$folder/lib/x86_64-linux-gnu"
    done
}

download_packages() {
    local name
    mkdir -p "$folder/packages"
    cd "$folder/packages"
    for name in "${packages[@]}"; do
        compgen -G "${name}_*.deb" >/dev/null || apt download "$name" || skip "apt cannot download $name"
    done
    for name in *.deb; do
        [[ ! -e $name ]] || dpkg-deb -x "$name" "$folder/unpacked"
    done
    for name in "${places[@]}"; do
        [[ -e $folder/unpacked/${name#*=} ]] || continue
        cp "$folder/unpacked/${name#*=}" "$folder/bin/${name%%=*}"
    done
    mkdir -p "$folder/lib"
    cp "$folder"/unpacked/lib/klibc-*.so "$folder/lib" 2>/dev/null || true
    copy_shared_libraries
}

# The sources of Debian 12, from the machine's own mirror by lists of our own: the machine's need not have any.
download_sources() {
    local lists=$folder/apt mirrors
    mirrors=$("$root/emu-harness/debian_mirrors.sh") || return
    mkdir -p "$folder/sources" "$lists/lists/partial" "$lists/cache/archives/partial"
    local mirror
    while IFS= read -r mirror; do
        echo "deb-src $mirror bookworm main"
    done <<<"$mirrors" >"$lists/sources.list"
    local options=(-o "Dir::Etc::SourceList=$lists/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$lists/lists" -o "Dir::Cache=$lists/cache")
    cd "$folder/sources"
    apt "${options[@]}" update && apt "${options[@]}" source --download-only lua5.4 fossil
}

build_lua() {
    tar -xf "$folder"/sources/lua5.4_*.orig.tar.* -C "$folder/sources"
    cd "$folder"/sources/lua-5.4*/src
    local sources=()
    mapfile -t sources < <(find . -maxdepth 1 -name '*.c' ! -name luac.c | sort) # luac has a main of its own
    musl-gcc -static -O2 -DLUA_USE_POSIX -o "$folder/bin/lua" "${sources[@]}" -lm
}

# Fossil carries SQLite as its authors give it out, in one file, with the shell.
build_sqlite() {
    tar -xf "$folder"/sources/fossil_*.orig.tar.* -C "$folder/sources" --wildcards '*/extsrc/s*'
    cd "$folder"/sources/fossil-*/extsrc
    musl-gcc -static -O1 -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -o "$folder/bin/sqlite3" shell.c sqlite3.c -lm
}

mkdir -p "$folder/bin"
[[ ! -e $folder/complete ]] || exit 0
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { skip "there is no apt here"; exit 77; }
(download_packages)
if ! command -v musl-gcc >/dev/null; then
    skip "lua and sqlite3: there is no musl-gcc"
elif [[ ! -x $folder/bin/lua || ! -x $folder/bin/sqlite3 ]]; then
    if (download_sources); then
        (build_lua) >>"$folder/build.log" 2>&1 || skip "lua cannot be built: $folder/build.log"
        (build_sqlite) >>"$folder/build.log" 2>&1 || skip "sqlite3 cannot be built: $folder/build.log"
    else
        skip "lua and sqlite3: apt cannot download their sources"
    fi
fi
[[ -n $(ls -A "$folder/bin") ]] || exit 77
[[ ! -x $folder/bin/sqlite3 || ! -x $folder/bin/lua || ! -x $folder/bin/busybox ]] || touch "$folder/complete"
