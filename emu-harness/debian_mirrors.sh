#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# debian_mirrors.sh [OPTION]...: prints the addresses of Debian's main archive, as this machine's apt knows them; options
# go to apt-get.  The label tells the main archive from Debian-Security and from backports.  Fails when there is none.
set -euo pipefail
apt-get "$@" indextargets --format "\$(ORIGIN)|\$(LABEL)|\$(REPO_URI)" |
    sed -n 's/^Debian|Debian|//p' | grep -v '^cdrom:' | sort -u
