#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fetch_engine.sh PREFIX: make Unicorn >= 2.1.4 and Capstone 5 available to the build.
#
# Does nothing when pkg-config finds both on the system, or when PREFIX already holds them. Otherwise takes them from
# Debian's forky suite: apt downloads and verifies the packages with a state of its own, and they are unpacked into
# PREFIX, which appears by one rename, so it is either complete or absent. Nothing outside PREFIX and its two
# neighbours PREFIX.partial and PREFIX.log is written. The mirror is the machine's own.
#
# Exit status: 0 both are there, 1 they are not (one line on stderr says why), 2 bad command line.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
readonly debian_mirrors=$here/debian_mirrors.sh suite=forky
readonly packages=(libunicorn2t64 libunicorn-dev libcapstone5 libcapstone-dev)
readonly wanted=('unicorn >= 2.1.4' 'unicorn < 3' 'capstone >= 5' 'capstone < 6')
readonly by_hand="or install Unicorn >= 2.1.4 and Capstone 5 yourself so that pkg-config finds them"

fail() {
    echo "fetch_engine: $1" >&2
    exit "${2:-1}"
}

[[ $# -eq 1 && $1 != -* ]] || fail "usage: fetch_engine.sh PREFIX" 2
mkdir -p "$(dirname "$1")"
prefix=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
readonly prefix work=$prefix.partial log=$prefix.log

system_has_engine() {
    pkg-config --exists "${wanted[@]}"
}

# $1: a folder made by unpacking the packages. Only its own pkg-config files count, not the system's.
folder_has_engine() {
    local pkgconfig
    for pkgconfig in "$1"/usr/lib/*/pkgconfig; do
        PKG_CONFIG_PATH='' PKG_CONFIG_LIBDIR=$pkgconfig pkg-config --exists "${wanted[@]}" && return
    done
    return 1
}

# Prints the mirrors even where /var/lib/apt/lists is empty, as in container images: apt then has to ask once.
find_mirrors() {
    "$debian_mirrors" && return
    local private=(-o "Dir::State::Lists=$work/machine-lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root)
    mkdir -p "$work/machine-lists/partial" "$work/cache"
    apt-get "${private[@]}" update >>"$log" 2>&1 || true
    "$debian_mirrors" "${private[@]}"
}

archive_keyring() {
    local name
    for name in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
        [[ -r $name ]] && echo "$name" && return
    done
    fail "no Debian archive keyring here: install the package debian-archive-keyring, $by_hand"
}

# Writes an apt configuration whose every state lives below $work and that knows forky alone. The machine's own
# settings are read before it (proxies stay), so what would leak in from them is cleared by name.
write_apt_configuration() {
    mkdir -p "$work"/{lists/partial,cache/archives/partial,empty,debs}
    : >"$work/status"
    cat >"$work/apt.conf" <<EOF
#clear APT::Update;
#clear APT::Default-Release;
#clear APT::Architectures;
APT::Architectures { "$(dpkg --print-architecture)"; };
APT::Update::Error-Mode "any";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::AllowInsecureRepositories "false";
Dir::State::Lists "$work/lists";
Dir::State::status "$work/status";
Dir::State::extended_states "$work/extended_states";
Dir::Cache "$work/cache";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "$work/empty";
Dir::Etc::preferences "$work/preferences";
Dir::Etc::preferencesparts "$work/empty";
EOF
}

# $1: the keyring, $2...: mirrors. Downloads the verified packages into $work/debs from the first mirror that can.
download() {
    local keyring=$1 mirror
    shift
    for mirror; do
        echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/sources.list"
        apt-get -c "$work/apt.conf" update >>"$log" 2>&1 &&
            (cd "$work/debs" && apt-get -c "$work/apt.conf" download "${packages[@]}") >>"$log" 2>&1 && return
    done
    return 1
}

explain_failed_download() {
    if grep -qE 'NO_PUBKEY|Missing key|not signed|invalid signature' "$log"; then
        fail "this machine's Debian archive keyring cannot verify $suite: upgrade the package debian-archive-keyring, $by_hand (log: $log)"
    elif grep -q 'Release file .* is expired\|Release file .* is not valid yet' "$log"; then
        fail "by this machine's clock the mirror's copy of $suite is out of date: correct the clock, wait for the mirror, $by_hand (log: $log)"
    elif grep -q 'Unable to locate package\|no installation candidate' "$log"; then
        fail "Debian $suite has no ${packages[*]} for this machine, $by_hand (log: $log)"
    fi
    fail "cannot download from Debian $suite: check the network, $by_hand (log: $log)"
}

# Unpacks into $work/root and looks at the result before it gets its final name.
unpack() {
    local package missing
    for package in "$work"/debs/*.deb; do
        dpkg-deb -x "$package" "$work/root" >>"$log" 2>&1 || fail "cannot unpack $package (log: $log)"
    done
    folder_has_engine "$work/root" || fail "Debian $suite does not hold ${wanted[*]}, $by_hand"
    missing=$(ldd "$work"/root/usr/lib/*/lib{unicorn,capstone}.so 2>&1 | grep -m1 'not found' || true)
    [[ -z $missing ]] || fail "Debian $suite's Unicorn does not run here:${missing##*:}, $by_hand"
}

fetch() {
    local mirrors keyring
    rm -rf "$work" "$log"
    trap 'rm -rf "$work"' EXIT
    mirrors=$(find_mirrors) ||
        fail "apt on this machine knows no Debian mirror to take Unicorn from: add one to its sources, $by_hand"
    keyring=$(archive_keyring)
    echo "fetch_engine: downloading Unicorn and Capstone from Debian $suite" >&2
    write_apt_configuration
    # shellcheck disable=SC2086  # one word per mirror: an address holds no blank
    download "$keyring" $mirrors || explain_failed_download
    unpack
    rm -rf "$prefix"
    mv "$work/root" "$prefix"
}

command -v pkg-config >/dev/null || fail "pkg-config is missing: install the package pkg-config"
if system_has_engine || folder_has_engine "$prefix"; then
    exit 0
fi
command -v apt-get >/dev/null || fail "no apt here to take Unicorn >= 2.1.4 and Capstone 5 from: install them so that pkg-config finds them"
fetch
