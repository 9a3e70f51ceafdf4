// SPDX-License-Identifier: GPL-2.0-or-later
// Everything ringcheck knows about one kernel, as data: how to talk to its console, which symbols mark its moments, how
// its stacks and system calls look.  Another kernel needs another description and nothing else.
// Invariant: no other file of the harness names a symbol, an address or a system call of a guest.
#pragma once

#include "machine/elf_image.h"
#include "model/cpu_state.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck {

/// What an argument of a system call means, so that it can be printed.
enum class ArgumentKind : std::uint8_t {
    Integer, ///< int: the low 32 bits, signed
    Size,    ///< 64 bits, unsigned
    Address, ///< a user pointer that is printed as it is
    BytesIn, ///< a user pointer to bytes that the kernel reads; the next argument is their count
};

struct SyscallDescription {
    std::uint64_t number = 0;
    std::string name;
    std::vector<ArgumentKind> arguments;
    bool returns = true; ///< false: the caller never comes back
};

/// An address that traces call by name.  It stands for [address - before, address + after).
struct AddressLandmark {
    std::string name;
    std::uint64_t address = 0;
    std::uint64_t before = 0, after = 1; ///< bytes
};

/// A row of equal slots in virtual memory, each an unmapped guard followed by one kernel stack.
struct StackRegion {
    std::uint64_t begin = 0, end = 0;
    std::uint64_t stride = 0; ///< bytes from one slot to the next; 0: the guest has no such region
    std::uint64_t size = 0;   ///< bytes of one stack, the upper part of its slot

    struct Location {
        std::uint64_t slot = 0;
        std::uint64_t below_top = 0; ///< bytes between the address and the top of the stack
        bool guard = false;          ///< the address is in the guard below the stack
    };
    /// Where `address` lies; the first address above a stack is its top and belongs to it.
    std::optional<Location> locate(std::uint64_t address) const;
};

struct GuestDescription {
    std::string name;

    std::string prompt;            ///< what the console shows when it waits for a line
    std::string run_command;       ///< the line that runs a program; "{program}" stands for its name
    std::string power_off_command; ///< the line that ends the machine

    /// Functions called at a moment; arguments in RDI, RSI, RDX.  "": the guest has none.
    std::string process_started_symbol; ///< process id, pointer to the program's name, PML4 address
    std::string process_ended_symbol;   ///< process id, wait status as wait(2) encodes it
    std::string panic_symbol;
    std::string panic_message_symbol; ///< NUL-terminated text that is valid at panic_symbol
    std::uint64_t panic_message_offset = 0;
    std::vector<std::string> dispatch_symbols; ///< the first high-level function that each entry to ring 0 calls

    std::uint16_t user_code_selector = 0, user_data_selector = 0; ///< 0: unknown, not checked
    /// The block that GS points to in ring 0: byte offsets of its own address and of the SYSCALL entry's stack pointer.
    std::optional<std::uint64_t> per_cpu_self_offset, per_cpu_stack_offset;
    StackRegion kernel_stacks;
    std::uint64_t user_end = std::uint64_t{1} << 47; ///< first address that a user page never has

    model::Gpr syscall_number = model::Gpr::Rax, syscall_result = model::Gpr::Rax;
    std::array<model::Gpr, 6> syscall_arguments{model::Gpr::Rdi, model::Gpr::Rsi, model::Gpr::Rdx,
                                                model::Gpr::R10, model::Gpr::R8,  model::Gpr::R9};
    std::vector<SyscallDescription> syscalls;
    std::vector<AddressLandmark> addresses;
    std::vector<std::string> ignored_rules; ///< ids of rules that this kernel breaks on purpose

    /// "EFAULT" for 14; "" for a number without a name.
    const char* (*error_name)(std::uint64_t number) = nullptr;
    /// "SIGSEGV" for 11; "" for a number without a name.
    const char* (*signal_name)(std::uint64_t number) = nullptr;

    const SyscallDescription* find_syscall(std::uint64_t number) const;
    const SyscallDescription* find_syscall(const std::string& syscall_name) const;
    /// The landmark that `address` belongs to; the first of the list wins.
    const AddressLandmark* find_address(std::uint64_t address) const;
    const AddressLandmark* find_address(const std::string& landmark_name) const;
    /// The console line that runs `program`; "" when the guest has no such line.
    std::string run_line(const std::string& program) const;
    bool has_landmarks() const { return !process_started_symbol.empty(); }
};

/// AethelOS.
GuestDescription aethelos();
/// A kernel of which nothing is known: transitions can be watched, programs cannot be told apart.
GuestDescription unknown_guest();
/// The description whose landmarks `kernel` has.
GuestDescription describe_guest(const ElfImage& kernel);

} // namespace ringcheck
