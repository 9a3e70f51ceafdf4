// SPDX-License-Identifier: GPL-2.0-or-later
// Unicorn as a CPU that executes plain instructions and stops before every other one, at full speed or step by step.
// Invariant: between two calls of run() the engine stands between two instructions, and state() is all of it.
// The engine delivers nothing and changes no ring: that is the model's, whose result comes back by set_state().
#pragma once

#include "arch/address.h"
#include "engine/execution_mode.h"
#include "model/cpu_state.h"
#include "model/float_state.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace ringcheck {

class Interception;
class MemoryDevice;

/// Why run() came back.
struct EngineStop {
    enum class Cause : std::uint8_t {
        Intercepted,   ///< Interception::admit said no: RIP is at the instruction
        Exception,     ///< an instruction raised `vector`: RIP is at it; for a trap (#DB) at the next one
        OutsideMemory, ///< the instruction at RIP touches physical `address`, which is not RAM
        Device,        ///< it touches a device, which will answer once open_devices() has been called
        Failed,        ///< the engine gave up; `text` is its word
    };
    Cause cause{};
    std::uint8_t vector = 0;
    std::uint64_t rip = 0;        ///< where it stands then; not set when Intercepted
    std::uint32_t error_code = 0; ///< meaningful when the vector pushes one
    std::uint64_t address = 0;    ///< #PF: the linear address; OutsideMemory: the physical one
    const char* access = "";      ///< OutsideMemory: "read", "write", "fetch"
    const char* text = "";        ///< Failed
};

class Engine {
public:
    /// @param ram          guest-physical memory from 0 on, page-aligned, a multiple of the page size, zeroed
    /// @param interception asked before each instruction, or knows afterwards as if it had been; outlives the engine
    /// @param smap         false: CLAC and STAC are #UD
    /// Fails with one line: Unicorn is too old, or unlike what this code knows.
    static std::expected<std::unique_ptr<Engine>, std::string>
    open(std::span<std::byte> ram, Interception& interception, ExecutionMode mode, bool smap = true);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Executes until something in EngineStop happens.  CR2 is left alone: delivery writes it.
    EngineStop run();

    /// Reads the whole state out of the engine; valid until the next run().
    const model::CpuState& state();
    /// Writes the whole state; flushes the TLB if a paging register differs from before.
    void set_state(const model::CpuState& state);
    /// A write of CR3 or CR0 flushes, also with the value that was there.
    void flush_tlb();
    /// Host writes to RAM may have changed code that has been executed.
    void forget_code();
    /// The same where nothing but the `bytes` bytes from `first` on, which lie in RAM, has changed: keeps what other
    /// pages were translated to.
    void forget_code(arch::PhysAddr first, std::size_t bytes);
    /// `device`, which outlives the engine, answers at the page at `first`, outside RAM.
    /// Fails with one line when Unicorn refuses it.
    std::expected<void, std::string> attach(arch::PhysAddr first, MemoryDevice& device);
    /// Nothing is at `first` any more.
    void detach(arch::PhysAddr first);
    /// While devices are open, the instructions that touch one reach it, in the middle of run(): what changes the time
    /// or the state of the CPU then must wait until run() has come back.  Closed, as at first, run() stops before them.
    void open_devices();
    void close_devices();
    model::FloatState floats() const;
    void set_floats(const model::FloatState& floats);
    model::LastX87 last_x87() const;
    void set_last_x87(const model::LastX87& last);
    /// RAM is about to become what `later` holds: drops the translations of code that differs.
    void before_ram_becomes(std::span<const std::byte> later);
    std::uint32_t mxcsr() const;
    /// The SSE exceptions, as bits of MXCSR, that were met since the last call: the engine sets no flag in MXCSR.
    /// Of denormal operands it does not know, and RCPPS, RSQRTPS and their kin meet some that a CPU does not.
    std::uint32_t take_sse_exceptions();

private:
    struct Parts;
    struct Hooks;
    explicit Engine(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace ringcheck
