// SPDX-License-Identifier: GPL-2.0-or-later
// [SDM 3A "Caching Translation Information"]
#include "watch/rules_translation.h"

#include "arch/control_registers.h"
#include "arch/paging.h"
#include "watch/rules_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringcheck {
namespace {

using Texts = std::pair<std::string, std::string>;

std::string describe(const std::optional<Lookup>& page)
{
    return page ? fmt::format("frame {:#x}{}{}{}", page->address.page_floor().value, page->user ? ", user" : "",
                              page->writable ? ", writable" : "", page->executable ? ", executable" : "")
                : std::string("not present");
}

} // namespace

void TranslationRules::on_instruction(const InstructionLook& look)
{
    if ((look.state.cr0 & arch::cr0::kPaging) == 0) {
        held_.clear();
        return;
    }
    check_page(look, look.state.rip, Use::Fetch);
    for (const DataAccess& access : look.accesses) {
        const Use use = access.write ? Use::Write : Use::Read;
        const std::uint64_t last = access.address + std::max(access.bytes, 1u) - 1;
        check_page(look, access.address, use);
        if (arch::VirtAddr{last}.page_floor() != arch::VirtAddr{access.address}.page_floor()) {
            check_page(look, last, use);
        }
    }
    flush(look);
}

void TranslationRules::check_page(const InstructionLook& look, std::uint64_t address, Use use)
{
    const auto page = lookup(context_.memory.physical(), look.state, arch::VirtAddr{address});
    check_stale(look, address, use, page);
    if (look.state.cpl != 0 || !seen_user_ || !page || !page->user) {
        return;
    }
    const std::uint64_t rip = look.state.rip;
    const auto& allowed = context_.guest.user_copy;
    const bool copies =
        use != Use::Fetch && (allowed.empty() || std::ranges::any_of(allowed, [rip](const AddressRange& range) {
                                  return range.contains(rip);
                              }));
    report_.require(rules::kNoUserAccess, copies, [&] {
        const char* const what = use == Use::Fetch ? "fetch from" : use == Use::Write ? "store to" : "load from";
        return Texts{"ring 0 goes through user pages in the code of user_copy alone",
                     fmt::format("{} {} ({:#x}), {}", what,
                                 context_.symbols.data(address, context_.processes.program_with_cr3(look.state.cr3)),
                                 address, describe(page))};
    });
}

void TranslationRules::check_stale(const InstructionLook& look, std::uint64_t address, Use use,
                                   const std::optional<Lookup>& now)
{
    const std::uint64_t page = arch::VirtAddr{address}.page_floor().value;
    const auto found = held_.find(page);
    if (found == held_.end()) {
        if (now) {
            held_.emplace(page, *now);
        }
        return;
    }
    Lookup& held = found->second;
    const bool write_counts = look.user() || (look.state.cr0 & arch::cr0::kWriteProtect) != 0;
    const auto grants = [&](const Lookup& entry) {
        return (entry.user || !look.user()) && (use != Use::Write || entry.writable || !write_counts) &&
               (use != Use::Fetch || entry.executable);
    };
    const bool moved = now && now->address.page_floor() != held.address.page_floor();
    const bool stale = grants(held) && (!now || moved || !grants(*now));
    report_.require(rules::kNoStaleTranslation, !stale, [&] {
        return Texts{
            fmt::format("page {} ({:#x}) as the tables have it: {}", context_.symbols.data(page), page, describe(now)),
            "the CPU may still use: " + describe(held)};
    });
    if (stale || !now) {
        held_.erase(found); // told once; a fault that the CPU finds in the tables drops the translation too
    } else if (moved) {
        held = *now;
    } else {
        held.writable |= now->writable;
        held.user |= now->user;
        held.executable |= now->executable;
        held.address = now->address;
    }
}

void TranslationRules::flush(const InstructionLook& look)
{
    if (look.state.cpl != 0) {
        return;
    }
    constexpr unsigned kCr3 = 3;
    switch (look.instruction.kind) {
    case InstructionKind::MoveToControl: {
        const bool keeps_global =
            look.instruction.reg() == kCr3 && (look.state.cr4 & arch::cr4::kPageGlobalEnable) != 0;
        std::erase_if(held_, [&](const auto& entry) { return !keeps_global || !entry.second.global; });
        return;
    }
    case InstructionKind::InvalidatePage:
        if (look.invalidated) {
            // The whole large page goes, whichever part of it was used.
            std::erase_if(held_, [&](const auto& entry) {
                return (entry.first ^ *look.invalidated) < entry.second.page_bytes &&
                       ((entry.first ^ *look.invalidated) & ~(entry.second.page_bytes - 1)) == 0;
            });
        }
        return;
    default: return;
    }
}

} // namespace ringcheck
