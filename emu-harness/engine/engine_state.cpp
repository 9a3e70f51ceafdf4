// SPDX-License-Identifier: GPL-2.0-or-later
// The CPU's state out of the engine and back into it.
#include "arch/control_registers.h"
#include "engine/engine_parts.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ringcheck {
namespace {

using model::CpuState;
using model::SegmentRegister;

/// The parts of a descriptor's upper half that SegmentRegister::attributes has.
constexpr std::uint32_t kAttributes = 0x00f0'ff00;
constexpr std::uint32_t kDefaultBig = 1 << 22;
/// Where CpuState's segment registers stand in the raw array.
constexpr SegmentRegister CpuState::* kSegments[] = {&CpuState::es, &CpuState::cs, &CpuState::ss,   &CpuState::ds,
                                                     &CpuState::fs, &CpuState::gs, &CpuState::ldtr, &CpuState::tr};
constexpr unsigned kGdtr = 8, kIdtr = 9;

SegmentRegister from_raw(const RawSegment& raw)
{
    return {static_cast<std::uint16_t>(raw.selector), raw.base, raw.limit, raw.flags & kAttributes};
}

/// The translator's view of a mode, as the architecture's state determines it.
std::uint32_t hidden_flags(const CpuState& state)
{
    namespace cr0 = arch::cr0;
    namespace cr4 = arch::cr4;
    const auto when = [](bool condition, std::uint32_t flags) { return condition ? flags : 0; };
    std::uint32_t flags = state.cpl;
    flags |= when(state.interrupt_shadow, hflags::kInhibitInterrupts);
    flags |= when((state.cr0 & cr0::kProtectionEnable) != 0, hflags::kProtected);
    flags |= when((state.cr0 & cr0::kMonitorCoprocessor) != 0, hflags::kMonitorCoprocessor);
    flags |= when((state.cr0 & cr0::kEmulation) != 0, hflags::kEmulation);
    flags |= when((state.cr0 & cr0::kTaskSwitched) != 0, hflags::kTaskSwitched);
    flags |= when((state.cr4 & cr4::kOsFxsr) != 0, hflags::kOsFxsr);
    flags |= when((state.cr4 & cr4::kSmap) != 0, hflags::kSmap);
    flags |= when((state.efer & arch::efer::kLongModeActive) != 0, hflags::kLongMode);
    flags |= when((state.ss.attributes & kDefaultBig) != 0, hflags::kSs32);
    if (state.in_64_bit_mode()) {
        return flags | hflags::kCs64 | hflags::kCs32;
    }
    const bool code_32 = (state.cs.attributes & kDefaultBig) != 0;
    flags |= when(code_32, hflags::kCs32);
    // Outside 64-bit mode, segment bases are added unless all are zero.
    return flags | when(!code_32 || (state.ds.base | state.es.base | state.ss.base) != 0, hflags::kAddSeg);
}

constexpr std::uint32_t kHiddenFlags = hflags::kCpl | hflags::kInhibitInterrupts | hflags::kCs32 | hflags::kSs32 |
                                       hflags::kAddSeg | hflags::kProtected | hflags::kMonitorCoprocessor |
                                       hflags::kEmulation | hflags::kTaskSwitched | hflags::kLongMode | hflags::kCs64 |
                                       hflags::kOsFxsr | hflags::kSmap;

/// Unicorn's numbers of the fields of model::LastX87.
void each_last_x87(auto& last, auto access)
{
    access(UC_X86_REG_FOP, last.opcode);
    access(UC_X86_REG_FIP, last.instruction);
    access(UC_X86_REG_FCS, last.instruction_selector);
    access(UC_X86_REG_FDP, last.data);
    access(UC_X86_REG_FDS, last.data_selector);
}

bool same_paging(const CpuState& left, const CpuState& right)
{
    return left.cr0 == right.cr0 && left.cr3 == right.cr3 && left.cr4 == right.cr4 && left.efer == right.efer &&
           left.pkru == right.pkru;
}

} // namespace

const CpuState& Engine::state()
{
    Parts& parts = *parts_;
    if (parts.state_current) {
        return parts.state;
    }
    StateDoor& door = parts.door;
    CpuState& state = parts.state;
    std::copy_n(door.gpr(), state.gpr.size(), state.gpr.begin());
    state.rip = door.rip();
    const std::uint64_t resume = parts.executed_nothing() ? state.rflags & arch::rflags::kResume : 0;
    state.rflags = door.raw_rflags() | resume; // which a run leaves evaluated
    state.cpl = door.hidden_flags() & hflags::kCpl;
    state.interrupt_shadow = (door.hidden_flags() & hflags::kInhibitInterrupts) != 0;
    state.mov_ss_shadow = state.mov_ss_shadow && state.interrupt_shadow && parts.executed_nothing();
    state.cr0 = door.cr()[0]; // CLTS
    parts.state_current = true;
    // In 64-bit mode the model executes whatever changes the rest, the way out of that mode too.
    if (state.in_64_bit_mode()) {
        return state;
    }
    for (unsigned index = 0; index < std::size(kSegments); ++index) {
        state.*kSegments[index] = from_raw(door.segments()[index]);
    }
    const auto table = [&](unsigned index) {
        const RawSegment& raw = door.segments()[index];
        return model::TableRegister{raw.base, static_cast<std::uint16_t>(raw.limit)};
    };
    state.gdtr = table(kGdtr);
    state.idtr = table(kIdtr);
    state.cr3 = door.cr()[3];
    state.cr4 = door.cr()[4];
    state.efer = door.efer();
    state.dr0 = door.dr()[0];
    state.dr1 = door.dr()[1];
    state.dr2 = door.dr()[2];
    state.dr3 = door.dr()[3];
    return state;
}

void Engine::set_state(const CpuState& state)
{
    Parts& parts = *parts_;
    StateDoor& door = parts.door;
    const bool flush = !same_paging(this->state(), state);
    std::copy(state.gpr.begin(), state.gpr.end(), door.gpr());
    door.rip() = state.rip;
    for (unsigned index = 0; index < std::size(kSegments); ++index) {
        const SegmentRegister& segment = state.*kSegments[index];
        RawSegment& raw = door.segments()[index];
        raw = {segment.selector, 0, segment.base, segment.limit, segment.attributes};
    }
    const auto put_table = [&](unsigned index, const model::TableRegister& table) {
        door.segments()[index].base = table.base;
        door.segments()[index].limit = table.limit;
    };
    put_table(kGdtr, state.gdtr);
    put_table(kIdtr, state.idtr);
    door.cr()[0] = state.cr0;
    door.cr()[2] = state.cr2;
    door.cr()[3] = state.cr3;
    door.cr()[4] = state.cr4;
    door.efer() = state.efer;
    door.pkru() = state.pkru;
    // DR7 stays out of the engine, which would arm breakpoints that it never disarms; DR6, where it notes single steps;
    // and RF, which it keeps until a block ends.
    door.dr()[0] = state.dr0;
    door.dr()[1] = state.dr1;
    door.dr()[2] = state.dr2;
    door.dr()[3] = state.dr3;
    door.hidden_flags() = (door.hidden_flags() & ~kHiddenFlags) | hidden_flags(state);
    const std::uint64_t flags = state.rflags & ~arch::rflags::kResume;
    uc_reg_write(parts.engine.get(), UC_X86_REG_RFLAGS, &flags);
    if (flush) {
        flush_tlb();
    }
    parts.state = state;
    parts.state_current = true;
}

model::FloatState Engine::floats() const
{
    return parts_->door.floats();
}

std::uint32_t Engine::mxcsr() const
{
    return parts_->door.mxcsr();
}

std::uint32_t Engine::take_sse_exceptions()
{
    return std::exchange(parts_->door.sse_exceptions(), std::uint8_t{0});
}

void Engine::set_floats(const model::FloatState& floats)
{
    uc_engine* const uc = parts_->engine.get();
    uc_reg_write(uc, UC_X86_REG_FPCW, &floats.control);
    uc_reg_write(uc, UC_X86_REG_FPSW, &floats.status);
    uc_reg_write(uc, UC_X86_REG_MXCSR, &floats.mxcsr);
    unsigned tags = 0;
    for (unsigned index = 0; index < floats.physical.size(); ++index) {
        constexpr unsigned kEmpty = 3; // the engine tells no other tags apart
        uc_reg_write(uc, UC_X86_REG_FP0 + static_cast<int>(index), &floats.physical[index]);
        tags |= floats.empty[index] ? kEmpty << 2 * index : 0;
    }
    const auto tag_word = static_cast<std::uint16_t>(tags);
    uc_reg_write(uc, UC_X86_REG_FPTAG, &tag_word);
    for (unsigned index = 0; index < floats.xmm.size(); ++index) {
        uc_reg_write(uc, UC_X86_REG_XMM0 + static_cast<int>(index), &floats.xmm[index]);
    }
}

model::LastX87 Engine::last_x87() const
{
    model::LastX87 last;
    each_last_x87(last, [uc = parts_->engine.get()](int which, auto& value) { uc_reg_read(uc, which, &value); });
    return last;
}

void Engine::set_last_x87(const model::LastX87& last)
{
    each_last_x87(last, [uc = parts_->engine.get()](int which, const auto& value) { uc_reg_write(uc, which, &value); });
}

} // namespace ringcheck
