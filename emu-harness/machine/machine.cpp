// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/machine.h"

#include "arch/control_registers.h"
#include "machine/boot_loader.h"
#include "machine/machine_parts.h"
#include "model/page_walk.h"

#include <algorithm>

namespace ringcheck {

Machine::Machine() = default;
Machine::~Machine() = default;

std::expected<std::unique_ptr<Machine>, std::string> Machine::create(const MachineConfig& config)
{
    if (auto checked = check(config); !checked) {
        return std::unexpected(checked.error());
    }
    auto ram = GuestRam::map(config.ram_bytes);
    if (!ram) {
        return std::unexpected(ram.error());
    }
    std::unique_ptr<Machine> machine(new Machine);
    MachineConfig complete = config;
    complete.features = config.offered();
    machine->parts_ = std::make_unique<Parts>(complete, std::move(*ram));
    Parts& parts = *machine->parts_;
    if (auto opened = parts.cpu.open(parts.ram.bytes(), complete); !opened) {
        return std::unexpected(opened.error());
    }
    return machine;
}

std::expected<void, std::string> Machine::load(const ElfImage& kernel, const BootRequest& request)
{
    const auto state = load_kernel(parts_->memory, kernel, request);
    if (!state) {
        return std::unexpected(state.error());
    }
    set_state(*state);
    parts_->cpu.engine().forget_code();
    parts_->board.fw_cfg().set_command_line(request.command_line);
    offer_initrd(request.modules.empty() ? SharedBytes() : request.modules.front().bytes);
    return {};
}

void Machine::offer_initrd(SharedBytes bytes)
{
    parts_->board.fw_cfg().set_initrd(std::move(bytes));
}

std::expected<void, std::string> Machine::load_pvh(const ElfImage& kernel, SharedBytes initrd,
                                                   const std::string& command_line)
{
    BootRequest request{BootProtocol::Pvh, {}, command_line};
    if (!initrd.empty()) {
        request.modules.push_back({std::move(initrd), ""});
    }
    return load(kernel, request);
}

void Machine::set_observer(Observer* observer)
{
    parts_->board.set_observer(observer);
    parts_->cpu.set_observer(observer);
    parts_->executor.set_observer(observer);
}

void Machine::set_console_script(ConsoleScript script)
{
    parts_->board.set_console_script(std::move(script));
}

void Machine::watch_address(arch::VirtAddr rip)
{
    parts_->executor.watch(rip);
}

void Machine::stop_at(arch::VirtAddr rip)
{
    parts_->executor.stop_at(rip);
}

void Machine::clear_stops()
{
    parts_->executor.clear_stops();
}

void Machine::inject_at(std::uint64_t count, Injection injection)
{
    parts_->board.inject(count, injection);
}

RunEnd Machine::run(const RunLimits& limits)
{
    return parts_->executor.run(limits);
}

std::uint64_t Machine::instruction_count() const
{
    return parts_->interception.count();
}

std::uint64_t Machine::now() const
{
    return parts_->board.now();
}

model::CpuState Machine::state() const
{
    return parts_->cpu.state();
}

void Machine::set_state(const model::CpuState& state)
{
    parts_->cpu.set_state(state);
    parts_->executor.wake();
}

model::FloatState Machine::floats() const
{
    return parts_->cpu.engine().floats();
}

model::PhysicalMemory Machine::memory()
{
    return parts_->memory;
}

void Machine::forget_code(arch::PhysAddr first, std::size_t bytes)
{
    parts_->cpu.engine().forget_code(first, bytes);
}

const MachineConfig& Machine::config() const
{
    return parts_->config;
}

const std::string& Machine::console() const
{
    return parts_->board.console();
}

const std::string& Machine::second_console() const
{
    return parts_->board.second_console();
}

const std::string& Machine::debug_console() const
{
    return parts_->board.debug_console();
}

std::vector<std::byte> Machine::read_virtual(const model::CpuState& state, arch::VirtAddr address, std::size_t bytes)
{
    // Whoever looks from outside is not the CPU: no SMAP.
    model::CpuState looking = state;
    looking.cr4 &= ~arch::cr4::kSmap;
    std::vector<std::byte> result;
    while (result.size() < bytes) {
        const arch::VirtAddr at = address + result.size();
        const std::size_t in_page = std::min<std::uint64_t>(bytes - result.size(), arch::kPageSize - at.page_offset());
        const auto translation = model::walk(looking, parts_->memory, at.value, {model::AccessKind::Read});
        const std::byte* const host = translation ? parts_->memory.at(translation->address, in_page) : nullptr;
        if (host == nullptr) {
            break;
        }
        result.insert(result.end(), host, host + in_page);
    }
    return result;
}

std::optional<std::uint64_t> Machine::read_virtual_u64(const model::CpuState& state, arch::VirtAddr address)
{
    const std::vector<std::byte> bytes = read_virtual(state, address, sizeof(std::uint64_t));
    std::uint64_t value = 0;
    if (bytes.size() != sizeof value) {
        return std::nullopt;
    }
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

} // namespace ringcheck
