// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/rules_stores.h"

#include "arch/control_registers.h"
#include "watch/address_lookup.h"
#include "watch/rules_list.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {
namespace {

using Texts = std::pair<std::string, std::string>;

} // namespace

StoreRules::StoreRules(RuleReport& report, const RuleContext& context, std::function<bool(std::uint64_t)> is_thread)
    : report_(report), context_(context), is_thread_(std::move(is_thread))
{
    if (context.kernel == nullptr) {
        return;
    }
    for (const ElfSegment& segment : context.kernel->segments()) {
        if (!segment.writable) {
            const std::uint64_t begin = segment.physical_address.value;
            read_only_.emplace_back(begin, begin + segment.memory_size);
        }
    }
}

void StoreRules::on_instruction(const InstructionLook& look, std::optional<std::uint64_t> rsp0)
{
    if (look.state.cpl != 0) {
        return;
    }
    const GuestDescription& guest = context_.guest;
    if (guest.frame_freed && look.state.rip == guest.frame_freed->address) {
        freed_.insert(arch::PhysAddr{look.state[guest.frame_freed->frame]}.page_floor().value);
    } else if (guest.frame_allocated && look.state.rip == guest.frame_allocated->address) {
        freed_.erase(arch::PhysAddr{look.state[guest.frame_allocated->frame]}.page_floor().value);
    }
    for (const DataAccess& access : look.accesses) {
        if (access.write) {
            check_frame(look, access);
            check_read_only(look, access);
            check_stack(look, access, rsp0);
        }
    }
}

void StoreRules::check_read_only(const InstructionLook& look, const DataAccess& store)
{
    if (context_.guest.kernel_moves && !context_.guest.moved_by) {
        return; // until it is where it stays, it writes its own addresses anew
    }
    const auto page = lookup(context_.memory.physical(), look.state, arch::VirtAddr{store.address});
    // A store that the tables refuse is none: a kernel writes to a program's read-only page to see that it cannot.
    if (!page || (!page->writable && (look.state.cr0 & arch::cr0::kWriteProtect) != 0)) {
        return;
    }
    const std::uint64_t physical = page->address.value;
    const bool inside = std::ranges::any_of(
        read_only_, [&](const auto& range) { return physical < range.second && physical + store.bytes > range.first; });
    const bool described = std::ranges::any_of(
        context_.guest.read_only, [&](const AddressRange& range) { return range.contains(store.address); });
    report_.require(rules::kNoReadOnlyStore, !inside && !described, [&] {
        return Texts{"no store into a segment that the image says is read-only",
                     fmt::format("{} bytes to {} ({:#x}), physical {:#x}", store.bytes,
                                 context_.symbols.data(store.address), store.address, physical)};
    });
}

void StoreRules::check_frame(const InstructionLook& look, const DataAccess& store)
{
    if (!context_.guest.frame_freed) {
        return;
    }
    const auto page = lookup(context_.memory.physical(), look.state, arch::VirtAddr{store.address});
    const std::uint64_t frame = page ? page->address.page_floor().value : 1;
    report_.require(rules::kNoFreedFrameStore, !freed_.contains(frame), [&] {
        return Texts{"stores to frames that are somebody's",
                     fmt::format("{} bytes to {} ({:#x}), in the freed frame {:#x}", store.bytes,
                                 context_.symbols.data(store.address), store.address, frame)};
    });
}

std::optional<std::uint64_t> StoreRules::stack_of(std::uint64_t address) const
{
    const auto place = context_.guest.kernel_stacks.locate(address + 1);
    if (!place || place->guard) {
        return std::nullopt;
    }
    return address + 1 + place->below_top;
}

void StoreRules::check_stack(const InstructionLook& look, const DataAccess& store, std::optional<std::uint64_t> rsp0)
{
    const auto top = stack_of(store.address);
    if (!top) {
        return;
    }
    // RSP itself, at the top of an empty stack, is no address in it.
    const bool own = top == rsp0 || top == stack_of(look.state[model::Gpr::Rsp] - 1);
    report_.require(rules::kNoForeignStackStore, own || !is_thread_(*top), [&] {
        return Texts{
            "stores to the stack that runs, " + context_.symbols.stack(look.state[model::Gpr::Rsp]),
            fmt::format("{} bytes to {}, of another thread", store.bytes, context_.symbols.stack(store.address))};
    });
}

} // namespace ringcheck
