// SPDX-License-Identifier: MIT
// Host program: turns `llvm-nm --demangle --numeric-sort` (standard input) into the assembly of the symbol table.
// With no input it makes the empty table of the first link.  The text begins at the symbol text_begin; what lies before
// it is no function of the running kernel.

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

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

/// "ffffffff80101000 T name"
struct Symbol {
    unsigned long long address = 0;
    char type = 0;
    std::string name;
};

std::vector<Symbol> read_symbols(std::istream& in)
{
    std::vector<Symbol> symbols;
    for (std::string line; std::getline(in, line);) {
        if (line.size() >= 20 && line[0] != ' ') {
            symbols.push_back({std::stoull(line.substr(0, 16), nullptr, 16), line[17], line.substr(19)});
        }
    }
    return symbols;
}

} // namespace

int main()
{
    std::string strings;
    unsigned count = 0;
    const std::vector<Symbol> symbols = read_symbols(std::cin);
    const auto text = std::ranges::find(symbols, "text_begin", &Symbol::name);
    std::puts("// Made by symbol_table_gen.\n    .section .symbol_table, \"a\"\n    .balign 4\n"
              "    .globl symbol_table_begin, symbol_table_end\nsymbol_table_begin:");
    for (const Symbol& symbol : symbols) {
        const bool function = symbol.type == 'T' || symbol.type == 't';
        if (!function || text == symbols.end() || symbol.address < text->address) {
            continue;
        }
        const std::string label = ".Lname" + std::to_string(count++);
        std::printf("    .long 0x%llx, %s - symbol_table_begin\n", symbol.address - text->address, label.c_str());
        strings += label + ": .asciz \"" + escaped(without_parameters(symbol.name)) + "\"\n";
    }
    std::printf("symbol_table_end:\n%s", strings.c_str());
    return 0;
}
