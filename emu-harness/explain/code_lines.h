// SPDX-License-Identifier: GPL-2.0-or-later
// The instruction that a state stands at, as text: where it is, what it is, and its source line.  Kept, because a log
// of steps asks for the same ones again and again; what is kept is good for the same bytes at the same place only.
#pragma once

#include "explain/source_lines.h"
#include "model/cpu_state.h"
#include "model/physical_memory.h"
#include "watch/symbols.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace ringcheck {

struct CodeLine {
    std::string at;     ///< "syscall_entry+0x12", "hello:main+0x7"
    std::string text;   ///< AT&T syntax; "(unreadable)" when no page is mapped there
    std::string source; ///< "kernel/cpu/syscall_entry.S:24", or ""
    std::string bytes;  ///< of the instruction, in hexadecimal
};

class CodeLines {
public:
    /// Both must outlive this object.
    CodeLines(const Symbols& symbols, const SourceLines& lines, model::PhysicalMemory memory)
        : symbols_(symbols), lines_(lines), memory_(memory)
    {
    }

    /// Valid until the next call.
    /// @param program  whose page tables are loaded
    const CodeLine& at(const model::CpuState& state, const Program& program);

private:
    static constexpr std::size_t kLongest = 15; ///< bytes of an instruction
    using Bytes = std::array<std::byte, kLongest>;
    struct Entry {
        bool long_code = false, user = false;
        std::uint64_t rip = 0;
        std::size_t read = 0;
        Bytes bytes{};
        Program program;
        CodeLine line;
    };

    std::size_t read_code(const model::CpuState& state, Bytes& bytes) const;
    void describe(Entry& entry, const model::CpuState& state) const;

    const Symbols& symbols_;
    const SourceLines& lines_;
    model::PhysicalMemory memory_;
    std::unordered_map<std::uint64_t, Entry> entries_; ///< one for each RIP of each program
};

} // namespace ringcheck
