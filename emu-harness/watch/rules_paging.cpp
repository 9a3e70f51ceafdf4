// SPDX-License-Identifier: GPL-2.0-or-later
// Rules about protection: the control bits, and what the page tables allow.
#include "watch/rules.h"
#include "watch/rules_list.h"
#include "watch/table_walk.h"

#include <fmt/format.h>

#include <utility>

namespace ringcheck {
namespace {

using Texts = std::pair<std::string, std::string>;

std::string describe(const Mapping& mapping, const Symbols& symbols)
{
    return fmt::format("page {:#x} ({}), {} KiB: {}{}{}, entry {:#x}", mapping.address.value,
                       symbols.data(mapping.address.value), arch::leaf_size(mapping.level) >> 10,
                       mapping.user ? "user" : "supervisor", mapping.writable ? ", writable" : "",
                       mapping.executable ? ", executable" : "", mapping.leaf.raw());
}

} // namespace

void check_protection_bits(RuleReport& report, const model::CpuState& state)
{
    const bool paging = (state.cr0 & arch::cr0::kPaging) != 0, protect = (state.cr0 & arch::cr0::kWriteProtect) != 0,
               no_execute = (state.efer & arch::efer::kNoExecuteEnable) != 0;
    report.require(rules::kWriteProtectOn, paging && protect && no_execute, [&] {
        return Texts{"PG 1, WP 1, NXE 1", fmt::format("PG {:d}, WP {:d}, NXE {:d}", paging, protect, no_execute)};
    });
}

void check_page_tables(RuleReport& report, const RuleContext& context, const model::CpuState& state)
{
    std::optional<Mapping> user_in_kernel, writable_executable;
    for_each_mapping(context.memory.physical(), state.cr3, [&](const Mapping& mapping) {
        if (mapping.leaf.has(arch::PageEntry::kUser) && context.guest.is_kernel_address(mapping.address.value) &&
            !user_in_kernel) {
            user_in_kernel = mapping;
        }
        if (mapping.writable && mapping.executable && !writable_executable) {
            writable_executable = mapping;
        }
    });
    report.require(rules::kKernelPagesSupervisor, !user_in_kernel,
                   [&] { return Texts{"U bit clear", "U bit set: " + describe(*user_in_kernel, context.symbols)}; });
    report.require(rules::kNoWritableExecutable, !writable_executable,
                   [&] { return Texts{"not both", describe(*writable_executable, context.symbols)}; });
}

} // namespace ringcheck
