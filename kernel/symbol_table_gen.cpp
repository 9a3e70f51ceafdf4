// SPDX-License-Identifier: MIT
// Host program: turns `llvm-nm --demangle --numeric-sort` (standard input) into the assembly of the symbol table.
// With no input it makes the empty table of the first link.

#include <cctype>
#include <cstdio>
#include <iostream>
#include <string>

namespace {

/// "kernel::Loom::yield()" becomes "kernel::Loom::yield": a backtrace needs no parameters.
std::string without_parameters(const std::string& name)
{
    constexpr const char* kAnonymous = "(anonymous namespace)";
    std::string plain = name;
    for (std::size_t at = plain.find(kAnonymous); at != std::string::npos; at = plain.find(kAnonymous)) {
        plain.replace(at, std::string(kAnonymous).size(), "-");
    }
    return plain.substr(0, plain.find('('));
}

std::string escaped(const std::string& text)
{
    std::string result;
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result;
}

} // namespace

int main()
{
    std::string strings;
    unsigned count = 0;
    std::puts("// Made by symbol_table_gen.\n    .section .symbol_table, \"a\"\n    .balign 8\n"
              "    .globl symbol_table_begin, symbol_table_end\nsymbol_table_begin:");
    for (std::string line; std::getline(std::cin, line);) {
        // "ffffffff80101000 T name": only functions count.
        if (line.size() < 20 || std::toupper(static_cast<unsigned char>(line[17])) != 'T') {
            continue;
        }
        const std::string label = ".Lname" + std::to_string(count++);
        std::printf("    .quad 0x%s, %s\n", line.substr(0, 16).c_str(), label.c_str());
        strings += label + ": .asciz \"" + escaped(without_parameters(line.substr(19))) + "\"\n";
    }
    std::printf("symbol_table_end:\n%s", strings.c_str());
    return 0;
}
