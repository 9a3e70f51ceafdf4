// SPDX-License-Identifier: MIT
// Any bytes as the ELF file whose source lines are asked for.  libdw reads most of it; what comes back must be usable.
#include "explain/source_lines.h"
#include "fuzz/require.h"

#include <cstdint>
#include <span>
#include <vector>

namespace {

using fuzz::require;
using ringcheck::DwarfFile;

/// Where the code of the seeds lies.
constexpr std::uint64_t kFirstCode = 0x10'0000, kCodeBytes = 0x1000, kStep = 61;

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    const std::vector<std::byte> file(bytes.begin(), bytes.end());
    DwarfFile dwarf(file);
    for (std::uint64_t address = kFirstCode; address < kFirstCode + kCodeBytes; address += kStep) {
        const auto line = dwarf.line_at(address);
        const auto frames = dwarf.at(address);
        require(line.has_value() == !frames.empty(), "an address has a line or no frame");
        require(!line || (line->file == frames.front().file && line->line == frames.front().line),
                "the line is that of the innermost frame");
    }
    return 0;
}
