// SPDX-License-Identifier: GPL-2.0-or-later
// Everything ringcheck knows about one kernel, as data: how to talk to its console, which symbols mark its moments, how
// its stacks and system calls look.  Another kernel needs another description and nothing else.
// Invariant: no other code of the harness names a symbol, an address or a system call of a guest.
#pragma once

#include "guest/program.h"
#include "guest/syscall_convention.h"
#include "model/cpu_state.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck {

/// The addresses from `begin` to `last`, both included, so that the last address of all can be in it.
struct AddressRange {
    std::uint64_t begin = 0, last = 0;
    bool contains(std::uint64_t address) const { return address >= begin && address <= last; }
    bool operator==(const AddressRange&) const = default;
};

/// An address that traces call by name.  It stands for [address - before, address + after).
struct AddressLandmark {
    std::string name;
    std::uint64_t address = 0;                       ///< when `place` is empty
    std::uint64_t before = 0, after = 1;             ///< bytes
    std::optional<std::size_t> place = std::nullopt; ///< the word of Places that has the address: each process's own

    /// nullopt: the process has no such place.
    std::optional<std::uint64_t> address_in(const Places& places) const;
    bool operator==(const AddressLandmark&) const = default;
};

/// A row of equal slots in virtual memory, each an unmapped guard (or none) followed by one kernel stack.
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
    bool operator==(const StackRegion&) const = default;
};

/// A function that is called when the running thread goes on in ring 3 with a signal's handler.
struct SignalDeliveredLandmark {
    std::uint64_t address = 0;
    model::Gpr signal = model::Gpr::Rdi;
    model::Gpr result = model::Gpr::Rsi; ///< of the call that it was in, if it was in one
    model::Gpr handler = model::Gpr::Rdx;
    bool operator==(const SignalDeliveredLandmark&) const = default;
};

/// A function that is called when the running thread makes its call again.
struct CallRestartsLandmark {
    std::uint64_t address = 0;
    bool operator==(const CallRestartsLandmark&) const = default;
};

/// A function that the kernel calls when a process is ready to enter ring 3 for the first time.
struct ProcessStartedLandmark {
    std::uint64_t address = 0;
    /// Who holds the process id, a pointer to the program's name, and the physical address of the page tables.
    model::Gpr id = model::Gpr::Rdi, name = model::Gpr::Rsi, page_tables = model::Gpr::Rdx;
    std::optional<model::Gpr> places; ///< who holds a pointer to the words of Places
};

/// A function that the kernel calls when a process has ended.
struct ProcessEndedLandmark {
    std::uint64_t address = 0;
    model::Gpr id = model::Gpr::Rdi, status = model::Gpr::Rsi;
    bool wait_encoding = true; ///< the status is as wait(2) encodes it; false: it is the exit status itself
};

/// A function that the kernel calls when a thread is gone, with the top of the kernel stack that it had.
struct ThreadEndedLandmark {
    std::uint64_t address = 0;
    model::Gpr stack = model::Gpr::Rdi;
};

/// A function that the kernel calls when it is about to stop because of its own bug.
struct PanicLandmark {
    std::uint64_t address = 0;
    /// NUL-terminated text: at an address, or pointed to by a register at the call.  Neither: there is no text.
    std::optional<std::uint64_t> message;
    std::optional<model::Gpr> message_pointer;
};

/// A function that is called with the physical address of a frame of memory.
struct FrameLandmark {
    std::uint64_t address = 0;
    model::Gpr frame = model::Gpr::Rdi;
};

/// A function that the kernel calls before it goes on at another place than its file says, with the distance.
struct KernelMovesLandmark {
    std::uint64_t address = 0;
    model::Gpr by = model::Gpr::Rdi;
};

/// A word of the kernel's that belongs to the CPU: at an offset from the GS base in ring 0, or at a fixed address.
struct PerCpuWord {
    std::uint64_t place = 0;
    bool from_gs = true;
    bool operator==(const PerCpuWord&) const = default;
};

struct GuestDescription {
    std::string name;

    std::string prompt;                          ///< what the console shows when it waits for a line
    std::string run_command;                     ///< the line that runs a program; "{program}" stands for its name
    std::string power_off_command;               ///< the line that ends the machine
    std::optional<std::uint64_t> longest_line;   ///< characters that the prompt takes, when that is known
    std::optional<std::uint64_t> longest_input;  ///< characters that it keeps while nobody reads, likewise
    std::optional<std::uint64_t> most_arguments; ///< words that it takes behind a program's name, likewise
    std::optional<std::uint64_t> good_exit; ///< what a good run writes to the isa-debug-exit port, when it ends there

    std::optional<ProcessStartedLandmark> process_started;
    std::optional<SignalDeliveredLandmark> signal_delivered;
    std::optional<CallRestartsLandmark> call_restarts;
    std::optional<ProcessStartedLandmark> process_executed; ///< the same for a process that gets another program
    std::optional<ProcessStartedLandmark> process_forked;   ///< the same for a process that goes on where its parent is
    std::optional<ProcessEndedLandmark> process_ended;
    std::optional<ThreadEndedLandmark> thread_ended;
    std::optional<PanicLandmark> panic;
    std::optional<KernelMovesLandmark> kernel_moves;
    std::optional<FrameLandmark> frame_allocated, frame_freed; ///< the frame is somebody's, is nobody's any more
    /// Functions that take the scheduler's lock, that release it, and that allocate or block.
    std::vector<std::uint64_t> lock_taken, lock_released, not_under_lock;
    std::vector<std::uint64_t> dispatch; ///< the first high-level function that each entry to ring 0 calls

    std::optional<AddressRange> kernel_range;   ///< addresses of which ring 3 may use none; none given: the upper half
    std::vector<std::uint64_t> kernel_entries;  ///< where ring 3 may enter ring 0; empty: unknown, not checked
    std::vector<AddressRange> read_only;        ///< what the kernel must never be able to write
    std::vector<AddressRange> user_copy;        ///< code that reads and writes user memory on purpose
    std::optional<std::uint64_t> per_cpu_block; ///< what the GS base is in ring 0
    std::optional<std::uint64_t> per_cpu_self_offset; ///< where the block that GS points to holds its own address
    std::optional<PerCpuWord> kernel_stack_slot;      ///< the stack pointer that a SYSCALL entry loads
    std::optional<PerCpuWord> current_thread;         ///< a word that tells the threads apart
    StackRegion kernel_stacks;

    std::uint16_t user_code_selector = 0, user_data_selector = 0; ///< 0: unknown, not checked
    AddressRange user_range{0, (std::uint64_t{1} << 47) - 1};     ///< where user pages may be

    SyscallConvention syscalls;
    std::vector<AddressLandmark> addresses;
    /// The word of Places that says what was added to the addresses in the program's file; empty: nothing is.
    std::optional<std::size_t> program_base;
    std::vector<std::string> ignored_rules; ///< ids of rules that this kernel breaks on purpose
    NumberedNames errors, signals;          ///< "EFAULT" for 14, "SIGSEGV" for 11

    /// What the kernel's file has in the upper half: what of the kernel moves when it does.
    std::optional<AddressRange> image;
    /// What was added to the addresses in it; nullopt: kernel_moves has not been reached.
    std::optional<std::uint64_t> moved_by;
    /// From here on the kernel is so far from where its file says.  Every address of this description that lies in the
    /// image moves along, but for the named ones: those are the same in every trace.
    void move_kernel(std::optional<std::uint64_t> by);
    /// Where the kernel's file has what is at `address` now; nullopt: in the place that the kernel has left.
    std::optional<std::uint64_t> linked(std::uint64_t address) const;
    /// Where an address of the kernel's file is now.
    std::uint64_t here(std::uint64_t linked_address) const;
    /// Where the kernel will say that it moves; nullopt: it has, or never does.
    std::optional<std::uint64_t> moves_at() const
    {
        return kernel_moves && !moved_by ? std::optional(kernel_moves->address) : std::nullopt;
    }

    /// An address that ring 3 must not be given, by kernel_range.
    bool is_kernel_address(std::uint64_t address) const
    {
        return kernel_range ? kernel_range->contains(address) : address >> 63 != 0;
    }
    /// How many words of Places the kernel gives.
    std::size_t place_count() const;
    Program program(std::string its_name, const Places& places) const;
    /// An address as a distance from a landmark.
    struct NamedPlace {
        const AddressLandmark* landmark;
        std::uint64_t address; ///< the landmark's own
    };
    /// The landmark that `address` belongs to in a process with these places; the first of the list wins.
    std::optional<NamedPlace> find_address(std::uint64_t address, const Places& places) const;
    const AddressLandmark* find_address(const std::string& landmark_name) const;
    /// The console line that runs `program`; "" when the guest has no such line.
    /// @param arguments  behind its name, each after a blank
    /// @param environment  assignments in front of it, as shells take them
    std::string run_line(const std::string& program, const std::vector<std::string>& arguments = {},
                         const std::vector<std::string>& environment = {}) const;
    /// The GS base in ring 0 can be told from any other.
    bool has_per_cpu_block() const { return per_cpu_block || per_cpu_self_offset; }
    /// Programs can be told apart.
    bool has_landmarks() const { return process_started.has_value(); }
};

/// A kernel of which nothing is known: transitions can be watched, programs cannot be told apart.
GuestDescription unknown_guest();

} // namespace ringcheck
