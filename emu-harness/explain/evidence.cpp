// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/evidence.h"

#include "arch/control_registers.h"
#include "model/reason.h"

#include <algorithm>
#include <string_view>

namespace ringcheck {
namespace {

using model::CpuState;
using model::Reason;

/// The bit of a paging entry that a rule looks at, and the value that it refuses.
struct Refused {
    const char* field = "";
    const char* value = "";
};

Refused refused_by(Reason reason)
{
    switch (reason) {
    case Reason::PageNotPresent: return {"P", "0"};
    case Reason::PageSupervisorOnly: return {"U", "0"};
    case Reason::PageUserWriteToReadOnly:
    case Reason::PageSupervisorWriteToReadOnly: return {"W", "0"};
    case Reason::PageNoExecute: return {"NX", "1"};
    case Reason::PageSmep:
    case Reason::PageSmap: return {"U", "1"};
    default: return {};
    }
}

/// The control bits without which the entries alone would not have refused.
void add_controls(std::vector<Exhibit>& exhibits, const CpuState& state, Reason reason, const MemoryAccess& access)
{
    const auto decisive = [](Field one) {
        one.decisive = true;
        return one;
    };
    const auto add = [&](const char* name, std::uint64_t CpuState::* which, const char* bit, std::uint64_t mask) {
        exhibits.push_back(control_register(name, which, state, {decisive(flag(bit, mask, state.*which, which))}));
    };
    switch (reason) {
    case Reason::PageSupervisorWriteToReadOnly: add("CR0", &CpuState::cr0, "WP", arch::cr0::kWriteProtect); break;
    case Reason::PageSmep: add("CR4", &CpuState::cr4, "SMEP", arch::cr4::kSmep); break;
    case Reason::PageSmap:
        add("CR4", &CpuState::cr4, "SMAP", arch::cr4::kSmap);
        if (!access.access.implicit_supervisor) {
            add("RFLAGS", &CpuState::rflags, "AC", arch::rflags::kAlignmentCheck);
        }
        break;
    case Reason::PageNoExecute: add("EFER", &CpuState::efer, "NXE", arch::efer::kNoExecuteEnable); break;
    case Reason::PageReservedBit: {
        Exhibit efer = control_register("EFER", &CpuState::efer, state,
                                        {flag("NXE", arch::efer::kNoExecuteEnable, state.efer, &CpuState::efer)});
        exhibits.push_back(efer);
        break;
    }
    default: break;
    }
}

/// True when `id` ends in one of `endings`.
bool ends(std::string_view id, std::initializer_list<const char*> endings)
{
    return std::ranges::any_of(endings, [id](const char* ending) { return id.ends_with(ending); });
}

/// The fields that a segment or gate rule looks at, by how its id ends.
std::vector<const char*> fields_of_rule(std::string_view id)
{
    if (ends(id, {"-not-present"})) {
        return {"P"};
    }
    if (ends(id, {"-rpl", "-rpl-below-cpl"})) {
        return {"RPL"};
    }
    if (ends(id, {"-dpl"})) {
        return {"DPL"};
    }
    if (ends(id, {"-long-and-big"})) {
        return {"L", "D"};
    }
    if (ends(id, {"-not-64-bit", "-not64-bit"})) {
        return {"L"};
    }
    if (ends(id, {"-not-code", "-not-writable-data", "-not-readable", "-type", "-not-code-or-gate",
                  "-not-available-tss", "-not-ldt"})) {
        return {"type"};
    }
    if (ends(id, {"-cs-null"})) {
        return {"selector", "index"};
    }
    if (ends(id, {"handler-non-canonical"})) {
        return {"handler"};
    }
    return {};
}

} // namespace

std::vector<Exhibit> page_walk(const CpuState& state, const model::PhysicalMemory& memory, const MemoryAccess& access,
                               Reason reason)
{
    const auto nx_is_reserved = [&state](const Field& one) {
        return one.name == "NX" && one.value == "1" && (state.efer & arch::efer::kNoExecuteEnable) == 0;
    };
    model::WalkTrace trace;
    const bool granted = walk(state, memory, access.address, access.access, &trace).has_value();
    const Refused refused = refused_by(reason);
    std::vector<Exhibit> exhibits;
    for (const model::WalkStep& step : trace.steps()) {
        Exhibit entry = paging_entry(step, access.address, state);
        for (Field& one : entry.fields) {
            one.decisive = !granted && one.name == refused.field && one.value == refused.value;
            one.decisive |= reason == Reason::PageReservedBit && (one.name.starts_with("bit") || nx_is_reserved(one));
        }
        exhibits.push_back(std::move(entry));
    }
    if (reason == Reason::PageSmep || reason == Reason::PageSmap) {
        // Every level has U = 1, or the page would be the supervisor's: the leaf is where a kernel decides it.
        for (Exhibit& entry : std::span(exhibits).first(exhibits.empty() ? 0 : exhibits.size() - 1)) {
            if (Field* const user = entry.find("U")) {
                user->decisive = false;
            }
        }
    }
    add_controls(exhibits, state, reason, access);
    return exhibits;
}

void mark(std::vector<Exhibit>& exhibits, Reason reason)
{
    const std::string_view id = model::describe(reason).id;
    const bool about_ss = id.find("-ss-") != std::string_view::npos;
    for (const char* const name : fields_of_rule(id)) {
        for (Exhibit& one : exhibits) {
            const bool is_ss = one.name.find("SS") != std::string::npos;
            Field* const found = is_ss == about_ss ? one.find(name) : nullptr;
            if (found != nullptr) {
                found->decisive = true;
            }
        }
    }
}

} // namespace ringcheck
