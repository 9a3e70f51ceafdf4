// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/engine.h"

#include "arch/control_registers.h"
#include "arch/exception.h"
#include "engine/block_gate.h"
#include "engine/code_hook.h"
#include "engine/interception.h"
#include "engine/memory_device.h"
#include "engine/state_door.h"
#include "engine/stepped_code.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace ringcheck {
namespace {

using model::CpuState;
using model::SegmentRegister;

constexpr unsigned kOldestVersion = UC_MAKE_VERSION(2, 1) | 4 << 8;
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

void each_fpu_register(auto& state, auto access)
{
    access(UC_X86_REG_FPCW, state.control);
    access(UC_X86_REG_FPSW, state.status);
    access(UC_X86_REG_FPTAG, state.tags);
    access(UC_X86_REG_FOP, state.opcode);
    access(UC_X86_REG_FIP, state.instruction);
    access(UC_X86_REG_FCS, state.instruction_selector);
    access(UC_X86_REG_FDP, state.data);
    access(UC_X86_REG_FDS, state.data_selector);
    access(UC_X86_REG_MXCSR, state.mxcsr);
    for (int index = 0; index < 8; ++index) {
        access(UC_X86_REG_FP0 + index, state.registers[static_cast<std::size_t>(index)]);
    }
    for (int index = 0; index < 16; ++index) {
        access(UC_X86_REG_XMM0 + index, state.xmm[static_cast<std::size_t>(index)]);
    }
}

bool same_paging(const CpuState& left, const CpuState& right)
{
    return left.cr0 == right.cr0 && left.cr3 == right.cr3 && left.cr4 == right.cr4 && left.efer == right.efer &&
           left.pkru == right.pkru;
}

} // namespace

struct Engine::Parts {
    Parts(uc_engine* opened, StateDoor opened_door, Interception& instruction_gate)
        : engine(opened), door(opened_door), interception(instruction_gate)
    {
    }
    ~Parts() = default;

    // The hooks only take notes and stop: everything else happens in run() and after it.
    static void before_instruction(uc_engine* engine, std::uint64_t rip, std::uint32_t size, void* self)
    {
        auto* const parts = static_cast<Parts*>(self);
        parts->stepped->at(rip);
        if (!parts->repeating && !parts->interception.admit(rip, size)) {
            parts->stopped = EngineStop{};
            uc_emu_stop(engine);
        }
    }
    static void before_block(uc_engine* engine, std::uint64_t rip, std::uint32_t size, void* self)
    {
        if (!static_cast<Parts*>(self)->blocks->enter_bare(rip, size)) [[unlikely]] {
            before_other_block(engine, rip, size, self);
        }
    }
    [[gnu::noinline]] static void before_other_block(uc_engine* engine, std::uint64_t rip, std::uint32_t size,
                                                     void* self)
    {
        auto* const parts = static_cast<Parts*>(self);
        if (!parts->blocks->enter(rip, size)) {
            parts->stopped = EngineStop{};
            uc_emu_stop(engine);
        }
    }
    static void before_announced_instruction(uc_engine* engine, std::uint64_t rip, std::uint32_t size, void* self)
    {
        auto* const parts = static_cast<Parts*>(self);
        if (!parts->blocks->admit(rip, size)) {
            parts->stopped = EngineStop{};
            uc_emu_stop(engine);
        }
    }
    static void on_exception(uc_engine* engine, std::uint32_t vector, void* self)
    {
        EngineStop stop;
        stop.cause = EngineStop::Cause::Exception;
        stop.vector = static_cast<std::uint8_t>(vector);
        static_cast<Parts*>(self)->stopped = stop;
        uc_emu_stop(engine);
    }
    static bool on_invalid_instruction(uc_engine* engine, void* self)
    {
        on_exception(engine, static_cast<std::uint32_t>(arch::Vector::InvalidOpcode), self);
        return true;
    }
    static bool on_outside_memory(uc_engine*, uc_mem_type type, std::uint64_t address, int, std::int64_t, void* self)
    {
        EngineStop stop;
        stop.cause = EngineStop::Cause::OutsideMemory;
        stop.address = address;
        stop.access = type == UC_MEM_WRITE_UNMAPPED ? "write" : type == UC_MEM_FETCH_UNMAPPED ? "fetch" : "read";
        static_cast<Parts*>(self)->stopped = stop;
        return false;
    }
    static std::uint64_t read_device(uc_engine*, std::uint64_t offset, unsigned bytes, void* device)
    {
        return static_cast<MemoryDevice*>(device)->read(static_cast<std::uint32_t>(offset), bytes);
    }
    static void write_device(uc_engine*, std::uint64_t offset, unsigned bytes, std::uint64_t value, void* device)
    {
        static_cast<MemoryDevice*>(device)->write(static_cast<std::uint32_t>(offset), bytes, value);
    }
    void protect_devices(std::uint32_t rights)
    {
        for (const arch::PhysAddr page : device_pages) {
            uc_mem_protect(engine.get(), page.value, arch::kPageSize, rights);
        }
    }

    std::expected<void, std::string> add_hooks(ExecutionMode mode);
    /// Does what the block gate has asked for; false if it has not.
    bool retranslate();
    bool execute_alone_instead();
    void find_outside_address(uc_err error);
    void set_repeating(bool on)
    {
        repeating = on;
        if (blocks) {
            blocks->set_repeating(on);
        }
    }
    void leave_alone(std::uint64_t rip);

    struct Close {
        void operator()(uc_engine* opened) const { uc_close(opened); }
    };
    std::unique_ptr<uc_engine, Close> engine;
    StateDoor door;
    Interception& interception;
    std::span<const std::byte> ram;
    std::optional<BlockGate> blocks;    ///< in Fast mode
    std::optional<CodeHook> code_hook;  ///< in Fast mode
    std::optional<SteppedCode> stepped; ///< in Step mode
    /// The instruction here was given an interrupt shadow, which makes the engine translate it alone.
    std::optional<std::uint64_t> alone;
    std::optional<EngineStop> stopped;
    std::vector<arch::PhysAddr> device_pages;
    bool repeating = false; ///< an instruction runs that has been asked for already
    /// What the engine does not hold (MSRs and flags that only the model uses) is kept here between calls.
    CpuState state;
    bool state_current = false;         ///< `state` is what the engine holds
    std::uint64_t count_before_run = 0; ///< of instructions
    bool executed_nothing() const { return interception.count() == count_before_run; }
};

std::expected<void, std::string> Engine::Parts::add_hooks(ExecutionMode mode)
{
    uc_engine* const uc = engine.get();
    uc_hook handle = 0;
    constexpr std::uint64_t kEverywhere = 1, kToNowhere = 0; // begin above end: all addresses
    uc_err result = UC_ERR_OK;
    const auto add = [&](int type, auto* callback) {
        if (result == UC_ERR_OK) {
            result = uc_hook_add(uc, &handle, type, reinterpret_cast<void*>(callback), this, kEverywhere, kToNowhere);
        }
    };
    if (mode == ExecutionMode::Fast) {
        auto hook = CodeHook::add(uc, &before_announced_instruction, this);
        if (!hook) {
            return std::unexpected(hook.error());
        }
        code_hook = *hook;
        blocks.emplace(interception);
        add(UC_HOOK_BLOCK, &before_block);
    } else {
        stepped.emplace(interception);
        add(UC_HOOK_CODE, &before_instruction);
    }
    add(UC_HOOK_INTR, &on_exception);
    add(UC_HOOK_INSN_INVALID, &on_invalid_instruction);
    if (result != UC_ERR_OK) {
        return std::unexpected(std::string("Unicorn refuses a hook: ") + uc_strerror(result));
    }
    return {};
}

bool Engine::Parts::retranslate()
{
    using What = BlockGate::Retranslation::What;
    if (!blocks || !blocks->retranslation()) {
        return false;
    }
    const BlockGate::Retranslation wish = *blocks->retranslation();
    bool as_asked = true;
    const StateDoor::ExceptionFields fields = door.exception_fields();
    switch (wish.what) {
    case What::Bare: {
        const auto made = code_hook->translate_bare(wish.rip, wish.size, wish.announced);
        as_asked = made && made->size == wish.size && (wish.whole_count == 0 || made->instructions == wish.whole_count);
        if (!as_asked) {
            code_hook->forget(wish.rip);
        }
        break;
    }
    case What::Announced: code_hook->forget(wish.rip); break;
    case What::Everything: uc_ctl_flush_tb(engine.get()); break;
    }
    door.set_exception_fields(fields);
    blocks->retranslated(as_asked);
    return true;
}

Engine::Engine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Engine::~Engine() = default;

std::expected<std::unique_ptr<Engine>, std::string> Engine::open(std::span<std::byte> ram, Interception& interception,
                                                                 ExecutionMode mode, bool smap)
{
    if (uc_version(nullptr, nullptr) < kOldestVersion) {
        return std::unexpected("ringcheck needs Unicorn 2.1.4 or newer: run './aethel build'");
    }
    uc_engine* engine = nullptr;
    uc_err result = uc_open(UC_ARCH_X86, UC_MODE_64, &engine);
    if (result == UC_ERR_OK) {
        // The newest two that it knows of a kind: they differ in SMAP and in what CPUID does not offer.
        result = uc_ctl_set_cpu_model(engine, smap ? UC_CPU_X86_BROADWELL : UC_CPU_X86_HASWELL);
    }
    if (result == UC_ERR_OK) {
        result = uc_ctl_tlb_mode(engine, UC_TLB_CPU);
    }
    if (result == UC_ERR_OK) {
        result = uc_mem_map_ptr(engine, 0, ram.size(), UC_PROT_ALL, ram.data());
    }
    if (result != UC_ERR_OK) {
        if (engine != nullptr) {
            uc_close(engine);
        }
        return std::unexpected(std::string("Unicorn does not start: ") + uc_strerror(result));
    }
    auto door = StateDoor::open(engine, ram.data());
    if (!door) {
        uc_close(engine);
        return std::unexpected(door.error());
    }
    constexpr unsigned kFs = 4, kGs = 5;
    interception.set_live_state({door->gpr(), &door->raw_rflags(), &door->hidden_flags(), hflags::kInhibitInterrupts,
                                 &door->segments()[kFs].base, &door->segments()[kGs].base});
    auto parts = std::make_unique<Parts>(engine, *door, interception);
    parts->ram = ram;
    if (auto added = parts->add_hooks(mode); !added) {
        return std::unexpected(added.error());
    }
    return std::unique_ptr<Engine>(new Engine(std::move(parts)));
}

/// The engine translates ahead: when a block would run into a page that is not there, it faults before the block's
/// first instruction, which has nothing to do with it.  Executed alone, that instruction gets its turn.
/// @return false: this is no such fault, or the instruction itself extends into that page
bool Engine::Parts::execute_alone_instead()
{
    constexpr auto kPageFault = static_cast<std::uint8_t>(arch::Vector::PageFault);
    if (!stopped || stopped->cause != EngineStop::Cause::Exception || stopped->vector != kPageFault) {
        return false;
    }
    const arch::VirtAddr rip{door.rip()}, next_page = rip + (arch::kPageSize - rip.page_offset());
    const bool inhibited = (door.hidden_flags() & hflags::kInhibitInterrupts) != 0; // then it was alone already
    const bool began = interception.last_admitted() == rip.value || (blocks && blocks->runs(rip.value));
    if (inhibited || began || door.cr()[2] != next_page.value) {
        return false;
    }
    door.hidden_flags() |= hflags::kInhibitInterrupts;
    door.old_exception() = -1;
    door.cr()[2] = state.cr2;
    alone = rip.value;
    return true;
}

/// The engine says that memory is missing, but the address only to a hook, and while there is a hook on memory all
/// loads and stores are slow.  So it is there only while the instruction, which has done nothing yet, runs once more.
void Engine::Parts::find_outside_address(uc_err error)
{
    if (stopped ||
        (error != UC_ERR_READ_UNMAPPED && error != UC_ERR_WRITE_UNMAPPED && error != UC_ERR_FETCH_UNMAPPED)) {
        return;
    }
    uc_engine* const uc = engine.get();
    std::uint64_t rip = 0;
    uc_reg_read(uc, UC_X86_REG_RIP, &rip);
    uc_hook handle = 0;
    uc_hook_add(uc, &handle, UC_HOOK_MEM_UNMAPPED, reinterpret_cast<void*>(&on_outside_memory), this, std::uint64_t{1},
                std::uint64_t{0});
    uc_ctl_flush_tb(uc);
    set_repeating(true);
    uc_emu_start(uc, rip, 0, 0, 0);
    set_repeating(false);
    uc_hook_del(uc, handle);
    uc_ctl_flush_tb(uc);
}

/// Without a trace of execute_alone_instead().
void Engine::Parts::leave_alone(std::uint64_t rip)
{
    if (std::exchange(alone, std::nullopt) == rip) {
        door.hidden_flags() &= ~hflags::kInhibitInterrupts;
    }
}

EngineStop Engine::run()
{
    Parts& parts = *parts_;
    uc_engine* const uc = parts.engine.get();
    this->state(); // for what the engine does not hold
    parts.count_before_run = parts.interception.count();
    parts.state_current = false;
    uc_err result = UC_ERR_OK;
    std::uint64_t rip = 0;
    do {
        uc_reg_read(uc, UC_X86_REG_RIP, &rip);
        parts.stopped.reset();
        // One that was raised and not told of, while the engine looked ahead, would make a #DF of the next.
        parts.door.old_exception() = -1;
        // An `until` other than 0 would make the engine translate the address before it, and fault on it.
        result = uc_emu_start(uc, rip, 0, 0, 0);
    } while (parts.retranslate() || parts.execute_alone_instead());

    parts.find_outside_address(result);
    if (parts.alone) {
        uc_reg_read(uc, UC_X86_REG_RIP, &rip);
        parts.leave_alone(rip);
    }
    if (parts.stopped && parts.stopped->cause == EngineStop::Cause::Intercepted) {
        return *parts.stopped;
    }
    EngineStop stop = parts.stopped.value_or(EngineStop{});
    stop.rip = parts.door.rip();
    if (!parts.stopped) {
        // Without a hook, which would slow down every access, the error is all that tells of a closed device.
        const bool closed_device = result == UC_ERR_READ_PROT || result == UC_ERR_WRITE_PROT;
        stop.cause = closed_device ? EngineStop::Cause::Device : EngineStop::Cause::Failed;
        stop.text = uc_strerror(result);
    }
    if (stop.cause == EngineStop::Cause::Exception) {
        stop.error_code = parts.door.error_code();
        stop.address = parts.door.cr()[2];
        parts.door.old_exception() = -1; // else the next exception would count as raised while delivering this one
        parts.door.cr()[2] = parts.state.cr2;
    }
    if (parts.blocks) {
        uc_reg_read(uc, UC_X86_REG_RIP, &rip);
        parts.blocks->settle(rip);
    }
    return stop;
}

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
    uc_reg_read(parts.engine.get(), UC_X86_REG_RFLAGS, &state.rflags); // the blob has them unevaluated
    state.rflags |= resume;
    state.cpl = door.hidden_flags() & hflags::kCpl;
    state.interrupt_shadow = (door.hidden_flags() & hflags::kInhibitInterrupts) != 0;
    state.mov_ss_shadow = state.mov_ss_shadow && state.interrupt_shadow && parts.executed_nothing();
    for (unsigned index = 0; index < std::size(kSegments); ++index) {
        state.*kSegments[index] = from_raw(door.segments()[index]);
    }
    const auto table = [&](unsigned index) {
        const RawSegment& raw = door.segments()[index];
        return model::TableRegister{raw.base, static_cast<std::uint16_t>(raw.limit)};
    };
    state.gdtr = table(kGdtr);
    state.idtr = table(kIdtr);
    state.cr0 = door.cr()[0];
    state.cr3 = door.cr()[3];
    state.cr4 = door.cr()[4];
    state.efer = door.efer();
    state.dr0 = door.dr()[0];
    state.dr1 = door.dr()[1];
    state.dr2 = door.dr()[2];
    state.dr3 = door.dr()[3];
    parts.state_current = true;
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

void Engine::flush_tlb()
{
    uc_ctl_flush_tlb(parts_->engine.get());
    if (parts_->stepped && parts_->stepped->changed()) {
        uc_ctl_flush_tb(parts_->engine.get());
    }
}

void Engine::forget_code()
{
    uc_ctl_flush_tb(parts_->engine.get());
    if (parts_->blocks) {
        parts_->blocks->forget_all();
    } else {
        parts_->stepped->forget_all();
    }
}

std::expected<void, std::string> Engine::attach(arch::PhysAddr first, MemoryDevice& device)
{
    Parts& parts = *parts_;
    const uc_err result = uc_mmio_map(parts.engine.get(), first.value, arch::kPageSize, &Parts::read_device, &device,
                                      &Parts::write_device, &device);
    if (result != UC_ERR_OK) {
        return std::unexpected(std::string("Unicorn refuses a device: ") + uc_strerror(result));
    }
    parts.device_pages.push_back(first);
    parts.protect_devices(UC_PROT_NONE);
    return {};
}

void Engine::detach(arch::PhysAddr first)
{
    uc_mem_unmap(parts_->engine.get(), first.value, arch::kPageSize);
    std::erase(parts_->device_pages, first);
}

void Engine::open_devices()
{
    parts_->protect_devices(UC_PROT_READ | UC_PROT_WRITE);
}

void Engine::close_devices()
{
    parts_->protect_devices(UC_PROT_NONE);
}

void Engine::before_ram_becomes(std::span<const std::byte> later)
{
    Parts& parts = *parts_;
    const auto same = [&](const std::byte* page) {
        const auto offset = static_cast<std::size_t>(page - parts.ram.data());
        return std::memcmp(page, later.data() + offset, arch::kPageSize) == 0;
    };
    if (!parts.blocks || !std::ranges::all_of(parts.blocks->code_pages(), same)) {
        forget_code();
    }
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

FpuState Engine::fpu() const
{
    FpuState state;
    each_fpu_register(state, [uc = parts_->engine.get()](int which, auto& value) { uc_reg_read(uc, which, &value); });
    return state;
}

void Engine::set_fpu(const FpuState& state)
{
    each_fpu_register(state,
                      [uc = parts_->engine.get()](int which, const auto& value) { uc_reg_write(uc, which, &value); });
}

} // namespace ringcheck
