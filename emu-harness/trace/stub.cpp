// SPDX-License-Identifier: GPL-2.0-or-later
// Behind each instruction of the stub stands one that never executes: the machine stops before it.
#include "trace/stub.h"

#include "arch/paging.h"
#include "watch/address_lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace ringcheck {
namespace {

using Code = std::array<std::uint8_t, 12>;
constexpr std::uint64_t kCall = 0, kLoad = 4, kStore = 8, kLength = 2; // of an instruction
constexpr std::uint64_t kStops[] = {kCall + kLength, kLoad + kLength, kStore + kLength};

/// [SDM 2A, 2B "SYSCALL", "INT n", "MOV", "UD"]
Code code_for(const SyscallConvention& convention)
{
    Code code{0x0f, 0x05, 0x0f, 0x0b,  // syscall; ud2
              0x8a, 0x07, 0x0f, 0x0b,  // mov (%rdi), %al; ud2
              0x88, 0x07, 0x0f, 0x0b}; // mov %al, (%rdi); ud2
    if (convention.vector) {
        code[0] = 0xcd; // int
        code[1] = *convention.vector;
    }
    return code;
}

} // namespace

Stub::Stub(Machine& machine, GuestMemory& memory, const Symbols& symbols, const Recorder& recorder, Run run)
    : machine_(machine), memory_(memory), symbols_(symbols), recorder_(recorder), run_(std::move(run))
{
}

void Stub::on_transition(const Transition& transition)
{
    if (!entry_ && recorder_.entered()) {
        entry_ = transition.after.rip;
        machine_.stop_at(arch::VirtAddr{*entry_});
    }
}

std::expected<void, std::string> Stub::take_over(std::uint64_t limit)
{
    const GuestDescription& guest = symbols_.guest();
    if (!guest.process_ended) {
        return std::unexpected(
            "the guest's description has no process_ended landmark, so nobody sees how a process ends");
    }
    // Once more when the page with that instruction is still to be brought in.
    do {
        const RunEnd end = run_(limit);
        if (end.kind != EndKind::WatchedAddress) {
            end_ = end;
            return std::unexpected(fmt::format(
                "{} was not entered: {}", recorder_.trace().program,
                end.kind == EndKind::InstructionLimit ? fmt::format("{} instructions were too few", limit) : end.text));
        }
        state_ = machine_.state();
    } while (!is_ours(state_) || memory_.read(state_, arch::VirtAddr{state_.rip}, 1).empty());
    if (auto problem = write_code()) {
        return std::unexpected(*std::move(problem));
    }
    machine_.clear_stops();
    for (const std::uint64_t stop : kStops) {
        machine_.stop_at(arch::VirtAddr{code_ + stop});
    }
    machine_.stop_at(arch::VirtAddr{guest.process_ended->address});
    return {};
}

std::optional<std::string> Stub::write_code()
{
    const Code code = code_for(symbols_.guest().syscalls);
    const std::uint64_t page = *entry_ & ~std::uint64_t{arch::kPageSize - 1};
    code_ = *entry_ - page + code.size() <= arch::kPageSize ? *entry_ : page;
    const model::PhysicalMemory memory = memory_.physical();
    const auto place = lookup(memory, state_, arch::VirtAddr{code_});
    std::byte* const host = place ? memory.at(place->address, code.size()) : nullptr;
    if (host == nullptr) {
        return "the page of its first instruction is not in memory";
    }
    memory.store(host, code.data(), code.size());
    machine_.forget_code(place->address, code.size());
    return std::nullopt;
}

bool Stub::is_ours(const model::CpuState& state) const
{
    return recorder_.is_in_program(state);
}

bool Stub::is_our_code(const model::CpuState& state) const
{
    const Code code = code_for(symbols_.guest().syscalls);
    const std::vector<std::byte> there = memory_.read(state, arch::VirtAddr{code_}, code.size());
    return state.cpl == 3 &&
           std::ranges::equal(there, code, {}, [](std::byte byte) { return static_cast<std::uint8_t>(byte); });
}

/// A thread or a child that a call has made comes back from it too, and has nothing to do.
std::optional<std::string> Stub::send_away(model::CpuState state)
{
    const SyscallConvention& convention = symbols_.guest().syscalls;
    const auto exit = std::ranges::find(convention.calls, false, &SyscallDescription::returns);
    if (exit == convention.calls.end()) {
        return "the call has made a thread or a process, and the guest's description has no call to end it with";
    }
    state[convention.number] = exit->number;
    state[convention.arguments.front()] = 0;
    state.rip = code_ + kCall;
    machine_.set_state(state);
    return std::nullopt;
}

/// False: the process has ended.
std::expected<bool, std::string> Stub::run_from(std::uint64_t begin, model::CpuState state)
{
    state.rip = code_ + begin;
    machine_.set_state(state);
    const std::uint64_t limit = machine_.instruction_count() + kCallLimit;
    for (;;) {
        const RunEnd end = run_(limit);
        if (recorder_.complete()) {
            return false;
        }
        if (end.kind != EndKind::WatchedAddress) {
            end_ = end;
        }
        if (end.kind == EndKind::InstructionLimit) {
            return std::unexpected(fmt::format("did not return within {} instructions", kCallLimit));
        }
        if (end.kind != EndKind::WatchedAddress) {
            return std::unexpected("did not return: " + end.text);
        }
        const model::CpuState now = machine_.state();
        if (is_ours(now)) {
            state_ = now;
            return true;
        }
        if (is_our_code(now)) {
            if (auto problem = send_away(now)) {
                return std::unexpected(*std::move(problem));
            }
        }
    }
}

std::expected<std::optional<std::uint64_t>, std::string> Stub::call(std::uint64_t number,
                                                                    std::span<const std::uint64_t> arguments)
{
    const SyscallConvention& convention = symbols_.guest().syscalls;
    model::CpuState state = state_;
    for (std::size_t i = 0; i < convention.arguments.size(); ++i) {
        state[convention.arguments[i]] = i < arguments.size() ? arguments[i] : 0;
    }
    state[convention.number] = number;
    const auto came_back = run_from(kCall, state);
    if (!came_back) {
        return std::unexpected(came_back.error());
    }
    return *came_back ? std::optional(state_[convention.result]) : std::nullopt;
}

std::expected<void, std::string> Stub::access(std::uint64_t address, Access access)
{
    model::CpuState state = state_;
    state[model::Gpr::Rdi] = address;
    state[model::Gpr::Rax] = 0;
    const auto came_back = run_from(access == Access::Load ? kLoad : kStore, state);
    if (!came_back) {
        return std::unexpected(came_back.error());
    }
    if (!*came_back) {
        return std::unexpected("the process ended when it touched the memory");
    }
    return {};
}

} // namespace ringcheck
