// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/io_permission.h"

#include "arch/tss.h"
#include "model/memory_access.h"

namespace ringcheck::model {

namespace {

std::unexpected<Fault> refuse(Reason reason)
{
    return std::unexpected(raise(arch::Vector::GeneralProtection, reason, 0));
}

} // namespace

std::expected<void, Fault> check_io(const CpuState& state, const PhysicalMemory& memory, std::uint16_t port,
                                    unsigned size_bytes)
{
    if (state.cpl <= arch::rflags::kIopl.get(state.rflags)) {
        return {};
    }
    constexpr std::uint64_t kMapBase = offsetof(arch::Tss, io_map_base);
    if (!state.tr.present() || state.tr.limit < kMapBase + sizeof(std::uint16_t) - 1) {
        return refuse(Reason::IoTssUnusable);
    }
    const auto map_base = read_word<std::uint16_t>(state, memory, state.tr.base + kMapBase, by_cpu(AccessKind::Read));
    if (!map_base) {
        return std::unexpected(map_base.error());
    }
    // The CPU always reads two bytes, so that ports that cross a byte of the map need no special case.
    const std::uint64_t offset = *map_base + port / 8u;
    if (offset + 1 > state.tr.limit) {
        return refuse(Reason::IoBitmapBeyondLimit);
    }
    const auto map = read_word<std::uint16_t>(state, memory, state.tr.base + offset, by_cpu(AccessKind::Read));
    if (!map) {
        return std::unexpected(map.error());
    }
    const unsigned asked = ((1u << size_bytes) - 1) << port % 8;
    if ((*map & asked) != 0) {
        return refuse(Reason::IoBitmapDenies);
    }
    return {};
}

} // namespace ringcheck::model
