# SPDX-License-Identifier: MIT
# Sourced by the style checks: which files are checked.  Sets `root`, defines `sources` (tracked or new, never ignored).

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

# sources PATTERN...: the project's files that match, one a line.
sources() {
    git ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r file; do
        [ -e "$file" ] && printf '%s\n' "$file"
    done
}

# refuse_empty LIST WHAT: a check that looks at nothing must not pass.
refuse_empty() {
    if [ -z "$1" ]; then
        echo "$2: no files were found to check" >&2
        exit 1
    fi
}
