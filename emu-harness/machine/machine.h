// SPDX-License-Identifier: GPL-2.0-or-later
// One PC: RAM, CPU, devices.  Deterministic: same image, same input, same configuration give the same run.
// Invariant: between two calls the CPU stands between two instructions, and state() is all of it.
#pragma once

#include "machine/elf_image.h"
#include "machine/injection.h"
#include "machine/machine_config.h"
#include "machine/observer.h"
#include "machine/run_end.h"
#include "machine/snapshot.h"
#include "model/cpu_state.h"
#include "model/float_state.h"
#include "model/physical_memory.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace ringcheck {

struct BootRequest;

/// Text that is typed on COM1: each line when the guest shows `prompt` (at the end of its output) and waits.
struct ConsoleScript {
    std::string prompt; ///< "" types everything as fast as the guest reads it
    std::vector<std::string> lines;

    auto saved_fields(this auto& self) { return std::tie(self.prompt, self.lines); }
};

class Machine {
public:
    /// Fails with one line when the engine cannot be opened or the configuration is out of range.
    static std::expected<std::unique_ptr<Machine>, std::string> create(const MachineConfig& config);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Puts the image, its modules and what the kernel is told about them in RAM, and the CPU at the 32-bit entry.
    /// Fails with one line: see load_kernel().
    std::expected<void, std::string> load(const ElfImage& kernel, const BootRequest& request);
    /// By PVH, as QEMU's -kernel does, with one module at most.
    std::expected<void, std::string> load_pvh(const ElfImage& kernel, SharedBytes initrd,
                                              const std::string& command_line);

    /// The first boot module by fw_cfg, as load() does it: for a machine that goes on from a snapshot instead.
    void offer_initrd(SharedBytes bytes);

    void set_observer(Observer* observer); ///< nullptr: nobody
    void set_console_script(ConsoleScript script);
    /// Observer::on_address is called each time `rip` is about to execute.
    void watch_address(arch::VirtAddr rip);
    /// run() returns WatchedAddress when `rip` is about to execute.  Calling run() again executes it.
    void stop_at(arch::VirtAddr rip);
    void clear_stops();

    /// `injection` comes when instruction_count() reaches `count`, or at once if it has; it is taken before the next
    /// instruction when nothing holds it back.  An idle CPU retires nothing: what is to wake it must be due by then.
    void inject_at(std::uint64_t count, Injection injection);

    /// Runs until something in EndKind happens.
    RunEnd run(const RunLimits& limits = {});

    /// Takes some milliseconds, and then as much memory as the guest has written to.  Fails with one line when the host
    /// has no memory for it.
    std::expected<Snapshot, std::string> snapshot();
    /// The machine is again what it was when it made `snapshot`, and runs as it ran from there.  Quick, most of all for
    /// the snapshot that was made or restored last.  Fails with one line when the host refuses memory.
    std::expected<void, std::string> restore(const Snapshot& snapshot);

    /// Instructions retired since load.  A REP string instruction counts once per iteration, as the engine steps it.
    std::uint64_t instruction_count() const;
    model::CpuState state() const;
    void set_state(const model::CpuState& state);
    /// Its x87 and SSE registers.
    model::FloatState floats() const;
    /// Writing through it does not reach the engine's translations: after changing code that has run, forget_code().
    model::PhysicalMemory memory();
    /// Drops what the `bytes` bytes of RAM from `first` on were translated to.
    void forget_code(arch::PhysAddr first, std::size_t bytes);
    const MachineConfig& config() const;
    /// Everything the guest sent out of COM1, COM2, and to the debug console.
    const std::string& console() const;
    const std::string& second_console() const;
    const std::string& debug_console() const;
    /// Guest time in nanoseconds (clock.h).
    std::uint64_t now() const;

    /// Reads guest-virtual memory through `state`'s tables with supervisor rights; short when a page is missing.
    std::vector<std::byte> read_virtual(const model::CpuState& state, arch::VirtAddr address, std::size_t bytes);
    std::optional<std::uint64_t> read_virtual_u64(const model::CpuState& state, arch::VirtAddr address);

private:
    friend class Snapshot;
    Machine();
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace ringcheck
