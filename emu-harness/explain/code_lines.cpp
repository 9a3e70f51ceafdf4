// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/code_lines.h"

#include "arch/paging.h"
#include "explain/disassembly.h"
#include "model/page_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>

namespace ringcheck {

std::size_t CodeLines::read_code(const model::CpuState& state, Bytes& bytes) const
{
    std::size_t read = 0;
    while (read < bytes.size()) {
        const std::uint64_t address = state.rip + read;
        const std::size_t in_page = arch::kPageSize - address % arch::kPageSize;
        const std::size_t wanted = std::min(bytes.size() - read, in_page);
        const auto translation =
            model::walk(state, memory_, address, model::by_program(state, model::AccessKind::Fetch));
        const std::byte* const host = translation ? memory_.at(translation->address, wanted) : nullptr;
        if (host == nullptr) {
            break;
        }
        std::memcpy(bytes.data() + read, host, wanted);
        read += wanted;
    }
    return read;
}

void CodeLines::describe(Entry& entry, const model::CpuState& state) const
{
    const std::span<const std::byte> bytes = std::span(entry.bytes).first(entry.read);
    const Disassembly instruction = disassemble(bytes, state);
    const std::optional<SourceFrame> source = lines_.line_at(state.rip, state.cpl, entry.program);
    entry.line = {symbols_.code(state.rip, state.cpl, entry.program), instruction.text,
                  source ? fmt::format("{}:{}", source->file, source->line) : "", ""};
    for (const std::byte byte : bytes.first(std::min(bytes.size(), instruction.length))) {
        entry.line.bytes += fmt::format("{:02x}", static_cast<unsigned>(byte));
    }
}

const CodeLine& CodeLines::at(const model::CpuState& state, const Program& program)
{
    Bytes bytes{};
    const std::size_t read = read_code(state, bytes);
    Entry& entry = entries_[state.rip ^ std::hash<std::string>{}(program.name)];
    const bool long_code = state.in_64_bit_mode(), user = state.cpl == 3;
    const bool known = !entry.line.at.empty() && entry.rip == state.rip && entry.long_code == long_code &&
                       entry.user == user && entry.read == read && entry.bytes == bytes && entry.program == program;
    if (!known) {
        entry = {long_code, user, state.rip, read, bytes, program, {}};
        describe(entry, state);
    }
    return entry.line;
}

} // namespace ringcheck
