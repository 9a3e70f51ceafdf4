// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/engine.h"

#include "arch/control_registers.h"
#include "arch/exception.h"
#include "engine/engine_parts.h"
#include "engine/memory_device.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>
#include <utility>

namespace ringcheck {
namespace {

constexpr unsigned kOldestVersion = UC_MAKE_VERSION(2, 1) | 4 << 8;

} // namespace

// The hooks only take notes and stop: everything else happens in run() and after it.
struct Engine::Hooks {
    /// Ends the run at `rip`, where the engine stands between two instructions.
    static void stop(uc_engine* engine, Parts& parts, std::uint64_t rip)
    {
        parts.stopped = EngineStop{};
        // Told where it is, the engine need not search its translation for it.  Elsewhere it counts from CS's base.
        if ((parts.door.hidden_flags() & hflags::kCs64) != 0) {
            uc_reg_write(engine, UC_X86_REG_RIP, &rip);
        }
        uc_emu_stop(engine);
    }
    static void before_instruction(uc_engine* engine, std::uint64_t rip, std::uint32_t size, void* self)
    {
        auto* const parts = static_cast<Parts*>(self);
        parts->stepped->at(rip);
        if (!parts->repeating && !parts->interception.admit(rip, size)) {
            stop(engine, *parts, rip);
            return;
        }
        parts->keep_flags(rip);
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
            stop(engine, *parts, rip);
        }
    }
    static void before_announced_instruction(uc_engine* engine, std::uint64_t rip, std::uint32_t size, void* self)
    {
        auto* const parts = static_cast<Parts*>(self);
        if (!parts->blocks->admit(rip, size)) {
            stop(engine, *parts, rip);
            return;
        }
        parts->keep_flags(rip);
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
        auto hook = CodeHook::add(uc, &Hooks::before_announced_instruction, this);
        if (!hook) {
            return std::unexpected(hook.error());
        }
        code_hook = *hook;
        blocks.emplace(interception);
        add(UC_HOOK_BLOCK, &Hooks::before_block);
    } else {
        stepped.emplace(interception);
        add(UC_HOOK_CODE, &Hooks::before_instruction);
    }
    add(UC_HOOK_INTR, &Hooks::on_exception);
    add(UC_HOOK_INSN_INVALID, &Hooks::on_invalid_instruction);
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
        // With a list of exits, which is empty, `until` is not looked at: its 0 would end a run at linear address 0.
        result = uc_ctl_exits_enable(engine);
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

/// Behind each announcement the engine evaluates the flags into the place of a source, and only behind the instruction
/// does it say so: when the instruction does not come to its end, they are computed once more from what they are.
void Engine::Parts::give_back_flags()
{
    const bool intercepted = stopped && stopped->cause == EngineStop::Cause::Intercepted;
    constexpr unsigned kCs = 1;
    const std::uint64_t base = (door.hidden_flags() & hflags::kCs64) != 0 ? 0 : door.segments()[kCs].base;
    if (!intercepted && announced && announced->rip == base + door.rip() && announced->count == interception.count()) {
        door.set_lazy_flags(announced->flags);
    }
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
    uc_hook_add(uc, &handle, UC_HOOK_MEM_UNMAPPED, reinterpret_cast<void*>(&Hooks::on_outside_memory), this,
                std::uint64_t{1}, std::uint64_t{0});
    uc_ctl_flush_tb(uc);
    set_repeating(true);
    uc_emu_start(uc, rip, 0, 0, 0);
    give_back_flags();
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
    parts.announced.reset();
    uc_err result = UC_ERR_OK;
    do {
        parts.stopped.reset();
        // One that was raised and not told of, while the engine looked ahead, would make a #DF of the next.
        parts.door.old_exception() = -1;
        result = uc_emu_start(uc, parts.door.rip(), 0, 0, 0);
        parts.give_back_flags();
    } while (parts.retranslate() || parts.execute_alone_instead());

    parts.find_outside_address(result);
    if (parts.alone) {
        parts.leave_alone(parts.door.rip());
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
        parts.blocks->settle(parts.door.rip());
    }
    return stop;
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

void Engine::forget_code(arch::PhysAddr first, std::size_t bytes)
{
    std::unordered_set<const std::byte*> pages;
    const std::uint64_t end = first.value + bytes;
    for (std::uint64_t page = first.value - first.value % arch::kPageSize; page < end; page += arch::kPageSize) {
        pages.insert(parts_->ram.data() + page);
    }
    if (!parts_->blocks || !parts_->forget_pages(pages)) {
        forget_code();
    }
}

std::expected<void, std::string> Engine::attach(arch::PhysAddr first, MemoryDevice& device)
{
    Parts& parts = *parts_;
    const uc_err result = uc_mmio_map(parts.engine.get(), first.value, arch::kPageSize, &Hooks::read_device, &device,
                                      &Hooks::write_device, &device);
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
    constexpr std::size_t kMostPages = 256; // of more, it is quicker to forget all
    Parts& parts = *parts_;
    if (!parts.blocks) {
        return forget_code();
    }
    std::unordered_set<const std::byte*> changed;
    for (const std::byte* const page : parts.blocks->code_pages()) {
        const auto offset = static_cast<std::size_t>(page - parts.ram.data());
        if (std::memcmp(page, later.data() + offset, arch::kPageSize) != 0) {
            changed.insert(page);
        }
    }
    if (changed.size() > kMostPages || !parts.forget_pages(changed)) {
        forget_code();
    }
}

/// Unicorn names translations by virtual addresses alone, and looks these up as the CPU would now: without paging,
/// where each is its own physical one.
bool Engine::Parts::forget_pages(const std::unordered_set<const std::byte*>& pages)
{
    if (pages.empty()) {
        return true;
    }
    uc_engine* const uc = engine.get();
    const StateDoor::ExceptionFields fields = door.exception_fields();
    const std::uint64_t cr0 = door.cr()[0];
    door.cr()[0] = cr0 & ~arch::cr0::kPaging;
    uc_ctl_flush_tlb(uc);
    bool forgotten = true;
    for (const std::byte* const page : pages) {
        const auto physical = static_cast<std::uint64_t>(page - ram.data());
        forgotten = forgotten && uc_ctl_remove_cache(uc, physical, physical + arch::kPageSize) == UC_ERR_OK;
    }
    door.cr()[0] = cr0;
    door.set_exception_fields(fields);
    uc_ctl_flush_tlb(uc);
    blocks->forget_pages(pages);
    return forgotten;
}

} // namespace ringcheck
