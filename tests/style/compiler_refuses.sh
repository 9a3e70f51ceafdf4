#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# compiler_refuses.sh COMPILER: the compiler, with the warnings of every target here, refuses what .clang-tidy therefore
# does not look for.
set -euo pipefail
compiler=$1

# refused WHY CODE: CODE alone does not compile, and the error names WHY.
refused() {
    local output
    if output=$("$compiler" -std=c++23 -Wall -Wextra -Wconversion -Wshadow -Werror -fsyntax-only -x c++ - <<<"$2" 2>&1); then
        echo "FAIL: compiles: $2"
        exit 1
    fi
    grep -q -e "$1" <<<"$output" || { echo "FAIL: no word of $1 for: $2"; echo "$output"; exit 1; }
}

refused -Wunused-result '#include <vector>
void f(std::vector<int>& v) { v.empty(); }' # bugprone-standalone-empty
refused -Wunused-result '#include <string>
void f(std::string& s) { s.empty(); }'
refused deleted '#include <string_view>
std::string_view f() { return nullptr; }' # bugprone-stringview-nullptr
refused deleted '#include <string_view>
bool f(std::string_view s) { return s == std::string_view(nullptr); }'
refused -Wempty-body 'int f(int a) { if (a != 0); return a; }' # bugprone-suspicious-semicolon
refused -Wempty-body 'int f(int a) { while (a < 9); { ++a; } return a; }'
refused -Wmisleading-indentation 'int g(int);
int f(int a) {
    if (a != 0)
        a = g(a);
        a = g(a + 1);
    return a;
}' # readability-misleading-indentation
echo "all of it is refused"
