// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/boot_loader.h"

#include "arch/control_registers.h"
#include "machine/multiboot1_header.h"
#include "machine/multiboot1_loader.h"
#include "machine/multiboot2_header.h"
#include "machine/multiboot2_loader.h"
#include "machine/pvh_loader.h"

#include <array>

namespace ringcheck {

namespace {
constexpr std::array kProtocols = {BootProtocol::Pvh, BootProtocol::Multiboot1, BootProtocol::Multiboot2};
} // namespace

const char* to_string(BootProtocol protocol)
{
    switch (protocol) {
    case BootProtocol::Pvh: return "pvh";
    case BootProtocol::Multiboot1: return "multiboot1";
    case BootProtocol::Multiboot2: return "multiboot2";
    }
    return "";
}

std::optional<BootProtocol> boot_protocol(const std::string& name)
{
    for (const BootProtocol protocol : kProtocols) {
        if (name == to_string(protocol)) {
            return protocol;
        }
    }
    return std::nullopt;
}

std::expected<BootProtocol, std::string> find_boot_protocol(const ElfImage& kernel)
{
    if (kernel.pvh_entry()) {
        return BootProtocol::Pvh;
    }
    const auto second = find_multiboot2_header(kernel.file());
    if (second) {
        return BootProtocol::Multiboot2;
    }
    const auto first = find_multiboot1_header(kernel.file());
    if (first) {
        return BootProtocol::Multiboot1;
    }
    if (second.error().broken || first.error().broken) {
        return std::unexpected(second.error().broken ? second.error().text : first.error().text);
    }
    return std::unexpected("no PVH note (Xen, type 18), no Multiboot2 and no Multiboot1 header: ringcheck does not "
                           "know how to start it");
}

std::expected<model::CpuState, std::string> load_kernel(model::PhysicalMemory memory, const ElfImage& kernel,
                                                        const BootRequest& request)
{
    const auto protocol =
        request.protocol ? std::expected<BootProtocol, std::string>(*request.protocol) : find_boot_protocol(kernel);
    if (!protocol) {
        return std::unexpected(protocol.error());
    }
    switch (*protocol) {
    case BootProtocol::Pvh: return load_pvh_image(memory, kernel, request);
    case BootProtocol::Multiboot1: return load_multiboot1_image(memory, kernel, request);
    case BootProtocol::Multiboot2: return load_multiboot2_image(memory, kernel, request);
    }
    return std::unexpected("no such protocol");
}

model::CpuState flat_32_bit_state(std::uint64_t entry)
{
    constexpr std::uint32_t kFlatCode = 0x00c0'9b00, kFlatData = 0x00c0'9300, kBusyTss32 = 0x0000'8b00;
    model::CpuState state;
    state.rip = entry;
    state.cr0 = arch::cr0::kProtectionEnable | arch::cr0::kExtensionType;
    state.cs = {0x08, 0, 0xffff'ffff, kFlatCode};
    state.ds = state.es = state.fs = state.gs = state.ss = {0x10, 0, 0xffff'ffff, kFlatData};
    state.tr = {0x18, 0, 0x67, kBusyTss32};
    return state;
}

} // namespace ringcheck
