// SPDX-License-Identifier: GPL-2.0-or-later
// Puts a kernel into RAM by the protocol that it asks for, and the CPU at its 32-bit entry.
#pragma once

#include "machine/elf_image.h"
#include "machine/shared_bytes.h"
#include "model/cpu_state.h"
#include "model/physical_memory.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ringcheck {

enum class BootProtocol : std::uint8_t { Pvh, Multiboot1, Multiboot2 };

/// "pvh", "multiboot1", "multiboot2"
const char* to_string(BootProtocol protocol);
std::optional<BootProtocol> boot_protocol(const std::string& name);

struct BootModule {
    SharedBytes bytes;
    std::string text; ///< what the kernel is told about it
};

struct BootRequest {
    std::optional<BootProtocol> protocol; ///< nullopt: by the image's headers
    std::vector<BootModule> modules;
    std::string command_line;
};

/// The first of PVH, Multiboot2, Multiboot1 for which the image has a header.
/// Fails with one line: it has none, or one that is broken.
std::expected<BootProtocol, std::string> find_boot_protocol(const ElfImage& kernel);

/// Copies the kernel (BSS zeroed), its modules and the information about them.
/// @return  the CPU at the 32-bit entry; or one line: no such header or a broken one, a segment outside RAM, things do
///          not fit, the kernel demands what the machine has not
std::expected<model::CpuState, std::string> load_kernel(model::PhysicalMemory memory, const ElfImage& kernel,
                                                        const BootRequest& request);

/// 32-bit protected mode, paging off, flat segments, interrupts off: what all three protocols promise, and for the rest
/// what QEMU leaves.
model::CpuState flat_32_bit_state(std::uint64_t entry);

} // namespace ringcheck
